// Plots drawn from the points that the page carries; the tables beside them say the same.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const points = (id) => { const e = document.getElementById(id); return e ? JSON.parse(e.textContent) : null; };
  const couleur = (nom) => getComputedStyle(document.documentElement).getPropertyValue(nom).trim();
  const NOMS = {CA: "Communautés d'agglomération", CC: "Communautés de communes", CU: "Communautés urbaines", METRO: "Métropoles", MET69: "Métropole de Lyon", EPT: "Territoires du Grand Paris", COMMUNE: "Paris", "?": "type non connu"};
  const LIEUX = {paris_et_limitrophes: "Paris et limitrophes", ile_de_france_hors_paris_et_limitrophes: "Île-de-France, ailleurs", autres_regions: "Autres régions"};
  const euros = (v) => `${v.toLocaleString("fr-FR")} €`;

  function dessiner() {
    const seuils = points("points-seuils"), ou = document.getElementById("courbe-seuils");
    if (seuils && ou) {
      const lignes = seuils.map((p) => ({...p, type: NOMS[p.type] || p.type}));
      ou.replaceChildren(annexes.dessin(Plot.plot({
        width: Math.max(320, Math.min(560, ou.clientWidth)), height: 420, marginLeft: 8, marginTop: 26,
        x: {label: "seuil, € par unité de consommation et par an", tickFormat: (v) => v.toLocaleString("fr-FR"), ticks: 5, grid: true},
        y: {label: null, axis: null}, fy: {label: null, axis: null, padding: 0.55},
        marks: [
          Plot.tickX(lignes, {x: "seuil", fy: "type", stroke: couleur("--bleu"), strokeOpacity: 0.45, title: (p) => `${p.nom} : ${euros(p.seuil)}`}),
          Plot.tickX(lignes, Plot.groupZ({x: "median"}, {x: "seuil", fy: "type", z: "type", stroke: couleur("--rouge"), strokeWidth: 3})),
          Plot.text(lignes, Plot.groupZ({text: "first"}, {text: "type", fy: "type", z: "type", frameAnchor: "top-left", dy: -12, fill: couleur("--encre")})),
        ],
      })));
    }
    const plafonds = points("points-plafonds"), la = document.getElementById("courbe-plafonds");
    if (plafonds && la) {
      const lignes = plafonds.map((p) => ({...p, le: new Date(p.le), ou: LIEUX[p.territoire] || p.territoire}));
      const annees = new Set(lignes.map((p) => +p.le)).size;
      const y = {label: "plafond, € par an", tickFormat: (v) => v.toLocaleString("fr-FR"), grid: true, zero: true};
      const traits = annees > 1
        ? [Plot.line(lignes, {x: "le", y: "plafond", stroke: "categorie", fx: "ou", curve: "step-after"}), Plot.dot(lignes, {x: "le", y: "plafond", fill: "categorie", fx: "ou", r: 2.5})]
        : [Plot.ruleX(lignes, {x: "categorie", y: "plafond", fx: "ou", stroke: couleur("--q2")}), Plot.dot(lignes, {x: "categorie", y: "plafond", fx: "ou", fill: couleur("--bleu"), r: 4, title: (p) => `catégorie ${p.categorie} : ${euros(p.plafond)}`})];
      const etroit = la.clientWidth < 560;
      la.replaceChildren(annexes.dessin(Plot.plot({
        width: Math.max(320, Math.min(900, la.clientWidth)), height: 300, marginLeft: 56,
        x: annees > 1 ? {label: null} : {label: "catégorie de ménages", type: "point"}, y, fx: {label: null, tickFormat: (t) => etroit ? t.split(/[ ,]/)[0] : t},
        color: {legend: false, range: ["--q2", "--q3", "--bleu"].map(couleur)}, marks: traits,
      })));
    }
  }
  dessiner();
  let attente;
  addEventListener("resize", () => { clearTimeout(attente); attente = setTimeout(dessiner, 200); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dessiner);
});
