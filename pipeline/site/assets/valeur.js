// A row and one of its values: the page with the cell framed, or the lines with the words marked; rule, correction, versions.
"use strict";
document.addEventListener("DOMContentLoaded", async () => {
  const {el, charger, montrer, periode, parametres, racine, jour, refuser, somme} = annexes;
  const ou = document.getElementById("valeur");
  const version = Number(parametres.get("v")), ligne = Number(parametres.get("l"));
  const COMMENT = {
    imprime: "tel qu'imprimé", lu: "lu", deduit: "déduit par référentiel", corrige: "corrigé",
    departement_entier: "par « l'ensemble des communes du département »", reste: "par « le reste du territoire »", reconnu: "reconnu sur une image",
  };
  const ROLES = {publie: "fichier publié", extrait: "extrait d'un autre fichier", compose: "composé par ce projet à partir des chiffres"};
  let lu, jeu, morceau;
  try {
    lu = await charger(`versions/${version}`);
    [jeu, morceau] = await Promise.all([charger(`jeux/${lu.jeu}`), charger(`lignes/${version}/${Math.floor((ligne - 1) / lu.pas)}`)]);
  } catch {
    return refuser(ou, "Cette ligne n'est pas, ou n'est plus, dans la base publiée.");
  }
  const rang = ligne - morceau.premiere;
  const valeurs = morceau.lignes[rang];
  if (!valeurs) return refuser(ou, "Cette version n'a pas tant de lignes.");
  const par = Object.fromEntries(lu.colonnes.map((c, i) => [c.nom, i]));
  const colonne = par[parametres.get("c")] !== undefined ? parametres.get("c") : lu.cle[lu.cle.length - 1];
  const rangCol = par[colonne], description = lu.colonnes[rangCol];
  const pieces = [...(lu.partout[colonne] || []).map((p) => ({...p, partout: true})), ...((morceau.citations[rang][rangCol]) || []).map((n) => morceau.pieces[n])];
  const cle = lu.cle.map((nom) => `${nom} ${montrer(valeurs[par[nom]], lu.colonnes[par[nom]])}`).join(", ");
  const qui = ["nom_epci", "nom_commune", "libelle_imprime"].map((nom) => lu.colonnes[par[nom]]).find((c) => c);  // the name a reader knows the row by
  const etat = jeu.versions.find((v) => v.version === version);
  document.title = `${montrer(valeurs[rangCol], description)} · ${colonne} · Annexes`;

  const tete = [
    el("p", {class: "fil"}, el("a", {href: `${racine}jeux/${lu.jeu}.html`}, lu.titre)),
    el("h1", {class: "grande-valeur"}, montrer(valeurs[rangCol], description), description.unite ? el("small", {}, description.unite) : ""),
    el("p", {class: "chapeau"}, description.sens, valeurs[rangCol] === null ? " : rien d'imprimé, ou rien de sûr." : "."),
    el("p", {class: "note"}, `${qui && valeurs[par[qui.nom]] ? valeurs[par[qui.nom]] + " — " : ""}${cle} — ${lu.acte || lu.document}, ${etat.valide.map(periode).join(" ; ") || etat.statut}.`),
  ];

  const aPlacer = [];  // what brings the frames into view, once the page stands
  // The frames on one page of a PDF: that of the value, and fainter those of its row.
  async function image(document_, nom, role, boites, voisins) {
    const page = boites[0][0];
    const tailles = await charger(`pages/${adresse(document_)}/${adresse(nom)}`).catch(() => null);
    const taille = tailles && tailles[page];
    if (!taille) return el("p", {class: "note"}, `Page ${page} de ${nom} : l'image n'est pas à disposition.`);
    const img = el("img", {src: `${racine}images/${adresse(document_)}/${adresse(nom)}/${page}.png`, alt: `Page ${page} de ${nom}, la valeur encadrée : ${boites.length} cadre(s)`, width: Math.round(taille[0] * 2), height: Math.round(taille[1] * 2)});
    const feuille = el("div", {class: "feuille"}, img);
    for (const [liste, classe] of [[voisins, "cadre voisin"], [boites, "cadre"]]) {
      for (const [p, x0, haut, x1, bas] of liste) {
        if (p !== page) continue;
        const cadre = el("div", {class: classe});
        const marge = 2;
        cadre.style.left = `${100 * (x0 - marge) / taille[0]}%`;
        cadre.style.top = `${100 * (haut - marge) / taille[1]}%`;
        cadre.style.width = `${100 * (x1 - x0 + 2 * marge) / taille[0]}%`;
        cadre.style.height = `${100 * (bas - haut + 2 * marge) / taille[1]}%`;
        feuille.append(cadre);
      }
    }
    const vue = el("div", {class: "page-image", tabindex: "0", role: "region", "aria-label": `Page ${page} de ${nom}`}, feuille);
    const placer = () => {
      vue.scrollTop = img.clientHeight * boites[0][2] / taille[1] - vue.clientHeight / 2;
      vue.scrollLeft = img.clientWidth * boites[0][1] / taille[0] - vue.clientWidth / 3;
    };
    img.addEventListener("load", placer);
    aPlacer.push(placer);
    return el("figure", {}, vue, el("figcaption", {}, `Page ${page} de ${nom}, ${ROLES[role] || role}.`, role === "compose" ? " Les valeurs sont lues dans " + lu.fichier + "." : ""));
  }

  // The lines around a piece, its words marked.
  async function lignes(piece) {
    const [premiere, derniere] = [Math.max(1, piece.ligne - 3), (piece.derniere || piece.ligne) + 3];
    const numeros = [...new Set([premiere, piece.ligne, derniere].map((n) => Math.floor((n - 1) / 100)))];
    const morceaux = await Promise.all(numeros.map((n) => charger(`textes/${adresse(piece.document)}/${adresse(piece.fichier)}/${n}`).catch(() => null)));
    const boite = el("div", {class: "extrait", tabindex: "0", role: "region", "aria-label": "Lignes du texte"});
    for (let n = premiere; n <= derniere; n++) {
      const m = morceaux.find((x) => x && n >= x.premiere && n < x.premiere + x.lignes.length);
      const texte = m ? m.lignes[n - m.premiere] : null;
      if (texte === null || texte === undefined) continue;
      boite.append(el("p", {}, el("span", {class: "num"}, String(n)), marquer(texte, piece, n)));
    }
    return boite.children.length ? boite : null;
  }

  function marquer(texte, piece, n) {
    const fin = piece.derniere || piece.ligne;
    if (n < piece.ligne || n > fin) return el("span", {}, texte);
    const debut = n === piece.ligne ? piece.debut || 0 : 0;
    const bout = n === fin && piece.fin !== undefined ? piece.fin : texte.length;
    return el("span", {}, texte.slice(0, debut), el("mark", {}, texte.slice(debut, bout)), texte.slice(bout));
  }

  function adresse(nom) {
    return (lu.adresses && lu.adresses[nom]) || nom;
  }

  const lieux = [];
  const cadres = morceau.cadres[rang];
  const boites = pieces.filter((p) => p.boite).map((p) => [p.page, ...p.boite]);
  if (boites.length) {
    const premiere = pieces.find((p) => p.boite);
    const voisins = Object.values(morceau.citations[rang]).flat().map((n) => morceau.pieces[n]).filter((p) => p.boite && p.fichier === premiere.fichier).map((p) => [p.page, ...p.boite]);
    lieux.push(await image(premiere.document, premiere.fichier, premiere.role, boites, voisins));
  } else if (cadres && cadres.boites[rangCol]) {
    lieux.push(await image(lu.document, cadres.fichier, cadres.role, cadres.boites[rangCol], Object.values(cadres.boites).flat()));
  }
  const vus = new Set();
  for (const piece of pieces) {
    const ici = `${piece.lieu}|${piece.texte}`;
    if (vus.has(ici)) continue;
    vus.add(ici);
    const regles = (piece.regles || []).map((r) => lu.corrections[r] ? `${r} : « ${lu.corrections[r].lu} » lu « ${lu.corrections[r].devient} », ${lu.corrections[r].raison}` : r).join(" ; ");
    const dit = [COMMENT[piece.comment] || piece.comment, regles && ` : ${regles}`, piece.partout && ", pour toute la version"].filter(Boolean);
    const source = piece.lieu ? ` — ${piece.lieu} de ${piece.fichier}, ${ROLES[piece.role] || piece.role}` : "";
    lieux.push(el("p", {class: "note"}, ...dit, source, piece.titre ? `, sous « ${piece.titre} »` : "", piece.tete ? `, colonne « ${piece.tete} »` : ""));
    if (piece.ligne) lieux.push(await lignes(piece) || el("p", {class: "extrait"}, "« ", el("mark", {}, piece.texte || ""), " »"));
    else if (piece.autour) lieux.push(el("p", {class: "extrait"}, piece.autour[0], el("mark", {}, piece.texte), piece.autour[1]));
    else if (piece.texte && !piece.boite) lieux.push(el("p", {class: "extrait"}, "« ", el("mark", {}, piece.texte), " »"));
  }
  if (!lieux.length) lieux.push(el("p", {}, "Aucune citation : cette valeur ne vient pas d'un morceau imprimé."));

  async function vie() {
    if (!jeu.vies) return null;
    const nom = jeu.cle.map((c) => valeurs[par[c]] === null ? "" : String(valeurs[par[c]])).join("|");
    const seau = await charger(`vies/${lu.jeu}/${somme(nom) % jeu.vies}`).catch(() => ({}));
    const autres = lu.colonnes.filter((c) => !jeu.cle.includes(c.nom));
    const rangAutre = autres.findIndex((c) => c.nom === colonne);
    const lignes = (seau[nom] || []).map(([v, l, ...reste]) => {
      const dite = jeu.versions.find((x) => x.version === v);
      const lien = dite.statut === "retirée" ? dite.edition : el("a", {href: `?v=${v}&l=${l}&c=${colonne}`}, dite.edition);
      return el("tr", {}, el("th", {scope: "row"}, lien), el("td", {}, dite.statut), el("td", {}, dite.valide.map(periode).join(" ; ")), el("td", {class: "n"}, rangAutre < 0 ? "" : montrer(reste[rangAutre], description)));
    });
    return lignes.length > 1 ? lignes : null;
  }
  const suite = await vie();

  // The row's reference, word for word that of `annexes cite`: what the version says of all rows, with the row's own parts.
  function citer() {
    const siennes = lu.colonnes.flatMap((c, i) => (morceau.citations[rang][i] || []).slice(0, 1)).map((n) => morceau.pieces[n]).filter((p) => p.lieu);
    const titre = (siennes.find((p) => p.texte && p.titre) || {}).titre || "";
    const role = siennes.some((p) => p.role === "compose") ? "compose" : lu.citer.role;
    const propres = {
      "\ue001": titre, "\ue002": lieu(siennes), "\ue004": lu.cle.map((nom) => `${nom} ${valeurs[par[nom]]}`).join(", "),
      "\ue003": lu.citer.fichier + (lu.citer.roles[role] ? ` (${lu.citer.roles[role]})` : ""),
    };
    const sorte = titre && titre !== lu.citer.annexe ? 0 : 1;
    const remplir = (texte, ecrire) => texte.replace(/[\ue001-\ue004]/g, (signe) => ecrire(propres[signe]));
    const texte = remplir(lu.citer.texte[sorte], (dit) => dit);
    const bibtex = remplir(lu.citer.bibtex[sorte], (dit) => dit.replace(/[{}%&#_$]/g, "\\$&"));
    return [
      el("p", {id: "reference"}, texte), copier(texte),
      el("details", {}, el("summary", {}, "BibTeX"), el("pre", {tabindex: "0"}, el("code", {}, bibtex)), copier(bibtex)),
    ];
  }

  // Where the row is printed, from the first piece of each of its values.
  function lieu(siennes) {
    const lignes = siennes.map((p) => p.lieu.match(/^lignes? (\d+)(?: à (\d+))?$/)).filter((m) => m).flatMap((m) => [Number(m[1]), Number(m[2] || m[1])]);
    if (siennes.some((p) => p.page)) return `p. ${Math.min(...siennes.filter((p) => p.page).map((p) => p.page))}`;
    if (!lignes.length) return siennes.length ? siennes[0].lieu : "lieu non imprimé";
    const [premiere, derniere] = [Math.min(...lignes), Math.max(...lignes)];
    return premiere === derniere ? `ligne ${premiere}` : `lignes ${premiere} à ${derniere}`;
  }

  function copier(texte) {
    const bouton = el("button", {type: "button", class: "copier"}, "Copier");
    bouton.addEventListener("click", async () => {
      await navigator.clipboard.writeText(texte).then(() => { bouton.textContent = "Copié"; }, () => { bouton.textContent = "À copier à la main"; });
    });
    return bouton;
  }

  ou.replaceChildren(
    ...tete,
    el("h2", {}, "Où elle est imprimée"), ...lieux,
    el("h2", {}, "La ligne"),
    el("ul", {class: "colonnes-liste"}, lu.colonnes.map((c, i) => el("li", {"aria-current": c.nom === colonne ? "true" : null},
      el("span", {}, c.nom), el("span", {}, el("a", {href: `?v=${version}&l=${ligne}&c=${c.nom}`}, montrer(valeurs[i], c)))))),
    ...(suite ? [el("h2", {}, "D'une version à l'autre"), el("table", {}, el("caption", {class: "cache"}, "Versions de cette clé"), el("thead", {}, el("tr", {}, ["Édition", "État", "Répond", colonne].map((t) => el("th", {scope: "col"}, t)))), el("tbody", {}, suite))] : []),
    el("h2", {}, "La version"),
    el("dl", {class: "faits"}, [
      ["Version", `${version}, ${etat.statut}`], ["Acceptée", jour(lu.acceptee)],
      ["Acte", lu.acte_id ? el("a", {href: `${racine}actes/${adresse(lu.acte_id)}.html`}, lu.acte || lu.acte_id) : "aucun : feuille sans acte"],
      ["NOR", lu.nor || "non imprimé"], ["Annexe", lu.annexe], ["Document", `${lu.document}, ${lu.fichier}`],
      ["Règles de la colonne", description.controles.join(" ; ")], ["Empreinte", lu.empreinte.slice(0, 12)],
    ].filter(([, v]) => v).map(([t, v]) => el("div", {}, el("dt", {}, t), el("dd", {}, v)))),
    el("h2", {}, "La citer"),
    ...citer(),
  );
  requestAnimationFrame(() => aPlacer.forEach((placer) => placer()));
});
