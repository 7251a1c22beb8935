// A grouping of communes: the rows that name it, and its members.
"use strict";
document.addEventListener("DOMContentLoaded", async () => {
  const {el, charger, parametres, refuser, racine, communes, departement} = annexes;
  const ou = document.getElementById("epci"), siren = parametres.get("s") || "";
  let lu, index;
  try {
    [lu, index] = await Promise.all([charger("epci"), charger("recherche")]);
  } catch {
    return refuser(ou, "La liste des groupements n'a pas pu être lue.");
  }
  const dit = Object.hasOwn(lu.epci, siren) ? lu.epci[siren] : null;
  if (!dit) return refuser(ou, "Aucun groupement détenu n'a ce SIREN.");
  const [nom, type, annee, membres] = dit;
  const noms = new Map(communes(index.communes));
  const codes = membres.match(/.{5}/g) || [];
  const jeux = Object.entries(lu.lignes).map(([jeu, par]) => [index.jeux.find(([n]) => n === jeu)[1], Object.hasOwn(par, siren) ? par[siren] : []]);
  document.title = `${nom} · Annexes`;
  ou.replaceChildren(
    el("h1", {}, nom),
    el("p", {class: "etiquettes"}, `${type} · SIREN `, el("code", {}, siren), annee ? ` · composition ${annee}` : ""),
    el("h2", {}, "Ce qu'on en dit"),
    el("ul", {}, jeux.map(([titre, lignes]) => el("li", {}, `${titre} : `, lignes.length ? lignes.flatMap(([v, l], i) => [i ? ", " : "", el("a", {href: `${racine}valeur.html?v=${v}&l=${l}`}, `ligne ${l}`)]) : "aucune ligne de la dernière édition détenue ne le nomme"))),
    el("h2", {}, `${codes.length} communes`),
    el("ul", {class: "colonnes-liste"}, codes.map((c) => el("li", {}, el("a", {href: `${racine}commune.html?c=${c}`}, noms.get(c) || c), el("span", {}, departement(c))))),
  );
});
