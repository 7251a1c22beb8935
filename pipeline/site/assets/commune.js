// The fiche of a commune at a chosen day, with a slider over time.
"use strict";
document.addEventListener("DOMContentLoaded", async () => {
  const {el, charger, jour, parametres, refuser, departement, communes, racine} = annexes;
  const ou = document.getElementById("commune");
  const code = (parametres.get("c") || "").toUpperCase();
  if (!/^[0-9][0-9AB][0-9]{3}$/.test(code)) return refuser(ou, "Donner le code d'une commune, ou chercher son nom plus haut.");
  const place = departement(code);
  let cal, lu, index;
  try {
    [cal, lu, index] = await Promise.all([charger("calendrier"), charger(`communes/${place}`), charger("recherche")]);
  } catch {
    return refuser(ou, `Aucune commune détenue n'a le code ${code}.`);
  }
  const vie = lu.communes[code];
  if (!vie) return refuser(ou, `Aucune commune détenue n'a le code ${code}.`);
  const nom = ([...communes({[place]: index.communes[place]})].find(([c]) => c === code) || [code, code])[1];
  const JOUR = 86400000, debut = Date.parse(cal.jours[0]), fin = Math.max(Date.now(), Date.parse(cal.jours[cal.jours.length - 1]));
  const iso = (t) => new Date(t).toISOString().slice(0, 10);
  let le = /^\d{4}-\d{2}-\d{2}$/.test(parametres.get("le") || "") ? parametres.get("le") : iso(Date.now());
  if (le < cal.jours[0]) le = cal.jours[0];

  const date = el("input", {type: "date", id: "le", min: cal.jours[0], max: iso(fin)});
  const curseur = el("input", {type: "range", id: "curseur", min: 0, max: Math.floor((fin - debut) / JOUR), step: 1, "aria-label": "Jour de la fiche"});
  const titre = el("strong"), corps = el("div", {class: "fiche"}), etat = el("p", {class: "note", role: "status"});

  // Marks under the slider: days on which an act held, or known and not held, takes effect.
  const SVG = "http://www.w3.org/2000/svg";
  const reperes = document.createElementNS(SVG, "svg");
  reperes.setAttribute("class", "reperes");
  reperes.setAttribute("viewBox", "0 0 1000 12");
  reperes.setAttribute("preserveAspectRatio", "none");
  reperes.setAttribute("aria-hidden", "true");
  for (const e of cal.evenements) {
    const x = 1000 * (Date.parse(e.jour) - debut) / (fin - debut);
    if (x < 0 || x > 1000) continue;
    const trait = document.createElementNS(SVG, "line");
    for (const [k, v] of Object.entries({x1: x, x2: x, y1: 0, y2: e.detenu ? 12 : 7, class: e.detenu ? "tenu" : "connu"})) trait.setAttribute(k, v);
    reperes.append(trait);
  }

  // The fiche that holds on a day: -1 where there is no such commune.
  function fiche(quand) {
    let rang = -1;
    while (rang + 1 < cal.jours.length && cal.jours[rang + 1] <= quand) rang++;
    let dite = -1;
    for (const [depuis, numero] of vie) if (depuis <= rang) dite = numero;
    return dite;
  }

  function texte(numero) {
    return lu.textes[numero].replaceAll("\ue000", jour(le));
  }

  function section(numero) {
    const [intitule, lignes, notes] = lu.sections[numero];
    const manque = lignes.length === 1 && texte(lignes[0][0]) === cal.manque;
    return el("section", {class: manque ? "manque" : null}, el("h2", {}, texte(intitule)),
      manque ? el("p", {class: "note"}, `${cal.manque} : ${texte(lignes[0][1])}`)
        : el("table", {}, el("caption", {class: "cache"}, texte(intitule)), el("tbody", {}, lignes.map(([l, v, s]) => el("tr", {}, el("th", {scope: "row"}, texte(l)), el("td", {}, texte(v)), el("td", {class: "source"}, texte(s)))))),
      notes.map((n) => el("p", {class: "note"}, texte(n))));
  }

  // The region is that of the day; the département keeps its name.
  const [dep, regions] = cal.departements[place] || [place, []];
  const region = el("span", {id: "region"});

  function montrer() {
    date.value = le;
    curseur.value = Math.round((Date.parse(le) - debut) / JOUR);
    curseur.setAttribute("aria-valuetext", jour(le));
    titre.textContent = `au ${jour(le)}`;
    const numero = fiche(le);
    history.replaceState(null, "", `?c=${code}&le=${le}`);
    if (numero < 0) {
      corps.replaceChildren(el("p", {}, `Il n'y a pas de commune ${code} ce jour-là, dans les référentiels détenus.`));
      etat.textContent = "";
      return;
    }
    const [sections, sources] = lu.fiches[numero];
    const tenues = sections.filter((s) => !(lu.sections[s][1].length === 1 && texte(lu.sections[s][1][0][0]) === cal.manque));
    const manquent = sections.filter((s) => !tenues.includes(s));
    corps.replaceChildren(...[...tenues, ...manquent].map(section),
      sources.length ? el("section", {}, el("h2", {}, "Sources"), el("ul", {}, sources.map((s) => el("li", {class: "note"}, texte(s))))) : "");
    etat.textContent = `${tenues.length} ${tenues.length > 1 ? "rubriques tenues" : "rubrique tenue"}${manquent.length ? `, ${manquent.length} non tenue${manquent.length > 1 ? "s" : ""} ce jour-là` : ""}`;
    region.textContent = regions.filter(([depuis]) => depuis <= le).slice(-1).map(([, r]) => ` · ${r}`).join("");
  }

  date.addEventListener("change", () => { if (date.value) { le = date.value < cal.jours[0] ? cal.jours[0] : date.value; montrer(); } });
  curseur.addEventListener("input", () => { le = iso(debut + curseur.value * JOUR); montrer(); });
  document.title = `${nom} · Annexes`;
  ou.replaceChildren(
    el("h1", {}, nom),
    el("p", {class: "etiquettes"}, el("code", {}, code), ` · ${dep}`, region, el("span", {id: "groupements"})),
    el("div", {class: "jour-choix"}, el("div", {class: "ligne"}, titre, el("label", {for: "le"}, "Jour"), date, etat), curseur, reperes),
    corps);
  montrer();

  const groupes = await charger("epci").catch(() => null);
  if (groupes) {
    const siens = Object.entries(groupes.epci).filter(([, [, , , membres]]) => { for (let i = 0; i < membres.length; i += 5) if (membres.startsWith(code, i)) return true; return false; });
    document.getElementById("groupements").append(...siens.flatMap(([siren, [n, , annee]]) => [" · ", el("a", {href: `${racine}epci.html?s=${siren}`}, n), ` (${annee})`]));
  }
});
