// All rows of a version, a file of data at a time.
"use strict";
document.addEventListener("DOMContentLoaded", async () => {
  const {el, charger, montrer, parametres, racine, nombre, refuser, periode} = annexes;
  const ou = document.getElementById("lignes");
  const version = Number(parametres.get("v"));
  const PAR_PAGE = 100;
  let lu, jeu;
  try {
    lu = await charger(`versions/${version}`);
    jeu = await charger(`jeux/${lu.jeu}`);
  } catch {
    return refuser(ou, "Cette version n'est pas, ou n'est plus, dans la base publiée.");
  }
  const etat = jeu.versions.find((v) => v.version === version);
  document.title = `${lu.titre} · Annexes`;
  const pages = Math.max(1, Math.ceil(lu.nombre / PAR_PAGE));
  let page = Math.min(pages, Math.max(1, Number(parametres.get("p")) || 1));
  const corps = el("tbody"), dit = el("span", {role: "status"});
  const avant = el("button", {type: "button"}, "Précédentes"), apres = el("button", {type: "button"}, "Suivantes");

  async function montrerPage() {
    const premiere = (page - 1) * PAR_PAGE + 1, derniere = Math.min(page * PAR_PAGE, lu.nombre);
    const morceau = await charger(`lignes/${version}/${Math.floor((premiere - 1) / lu.pas)}`);
    corps.replaceChildren(...morceau.lignes.slice(premiere - morceau.premiere, derniere - morceau.premiere + 1).map((valeurs, i) =>
      el("tr", {}, valeurs.map((v, c) => el("td", {class: lu.colonnes[c].unite ? "n" : null}, v === null ? el("span", {class: "rien"}, "∅")
        : el("a", {href: `valeur.html?v=${version}&l=${premiere + i}&c=${lu.colonnes[c].nom}`}, montrer(v, lu.colonnes[c])))))));
    dit.textContent = `lignes ${nombre(premiere)} à ${nombre(derniere)} sur ${nombre(lu.nombre)}`;
    avant.disabled = page === 1;
    apres.disabled = page === pages;
    history.replaceState(null, "", `?v=${version}&p=${page}`);
  }
  avant.addEventListener("click", () => { page--; montrerPage(); });
  apres.addEventListener("click", () => { page++; montrerPage(); });
  ou.replaceChildren(
    el("p", {class: "fil"}, el("a", {href: `${racine}jeux/${lu.jeu}.html`}, lu.titre)),
    el("h1", {}, "Toutes les lignes"),
    el("p", {class: "note"}, `Version ${version}, ${lu.acte || lu.document}, ${etat.valide.map(periode).join(" ; ") || etat.statut}. Chaque valeur mène au lieu où elle est imprimée.`),
    el("div", {class: "pages-nav"}, avant, apres, dit),
    el("div", {class: "defile", tabindex: "0", role: "region", "aria-label": "Lignes"}, el("table", {class: "donnees"},
      el("caption", {class: "cache"}, "Lignes de la version"),
      el("thead", {}, el("tr", {}, lu.colonnes.map((c) => el("th", {scope: "col", class: c.unite ? "n" : null, title: c.sens}, c.nom, c.unite ? el("small", {}, c.unite) : "")))), corps)),
  );
  await montrerPage().catch(() => refuser(ou, "Ces lignes n'ont pas pu être lues."));
});
