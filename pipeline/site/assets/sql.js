// The SQL page: an editor that knows the dictionary, and the rows as table, plot, CSV and XLSX.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const {el, parametres, nombre, jour} = annexes;
  const zone = document.getElementById("requete"), etat = document.getElementById("sql-etat");
  const lignes = document.getElementById("sql-lignes"), courbe = document.getElementById("sql-courbe");
  const formulaire = document.getElementById("sql");
  const dictionnaire = JSON.parse(document.getElementById("dictionnaire").textContent);
  if (parametres.get("q")) zone.value = parametres.get("q");

  // The editor sets style attributes, which the policy refuses; set by the object model they are let in.
  const poser = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (nom, valeur) {
    if (nom === "style" && this.style) this.style.cssText = valeur;
    else poser.call(this, nom, valeur);
  };

  // Inside a shadow root the editor's styles are adopted sheets, which the page's policy lets be.
  const boite = el("div", {class: "cm-boite"});
  document.getElementById("editeur").append(boite);
  const ombre = boite.attachShadow({mode: "open"});
  const {EditorView, basicSetup, sql, PostgreSQL, keymap, Prec, HighlightStyle, syntaxHighlighting, tags} = CodeMirror;
  const vue = new EditorView({
    doc: zone.value, parent: ombre, root: ombre,
    extensions: [
      Prec.highest(keymap.of([{key: "Mod-Enter", run: () => { formulaire.requestSubmit(); return true; }}])),
      syntaxHighlighting(HighlightStyle.define([
        {tag: tags.keyword, color: "var(--lien)", fontWeight: "600"}, {tag: [tags.string, tags.special(tags.string)], color: "var(--rouge)"},
        {tag: tags.comment, color: "var(--gris)", fontStyle: "italic"}, {tag: [tags.number, tags.bool, tags.null], color: "var(--rouge)"},
      ])),
      basicSetup, sql({dialect: PostgreSQL, schema: dictionnaire, upperCaseKeywords: true}), EditorView.lineWrapping,
      EditorView.contentAttributes.of({"aria-label": "Requête SQL"}),
      EditorView.theme({"&": {minHeight: "8rem", fontSize: "0.84rem"}, ".cm-gutters": {background: "transparent", border: "0", color: "inherit", opacity: "0.65"}, ".cm-content": {caretColor: "currentColor"}, ".cm-cursor": {borderLeftColor: "currentColor"}, ".cm-activeLine, .cm-activeLineGutter": {background: "transparent"}, ".cm-tooltip": {background: "Canvas", color: "CanvasText"}}),
    ],
  });
  zone.hidden = true;
  document.getElementById("requete-nom").removeAttribute("for");
  const texte = () => vue.state.doc.toString();

  function tableau(dit) {
    return el("div", {class: "defile", tabindex: "0", role: "region", "aria-label": "Lignes de la réponse"}, el("table", {class: "donnees"}, el("caption", {class: "cache"}, "Réponse"),
      el("thead", {}, el("tr", {}, dit.colonnes.map(([nom, sorte]) => el("th", {scope: "col", class: sorte === "nombre" ? "n" : null}, nom)))),
      el("tbody", {}, dit.lignes.map((l) => el("tr", {}, l.map((v, i) => el("td", {class: dit.colonnes[i][1] === "nombre" ? "n" : null},
        v === null ? el("span", {class: "rien"}, "∅") : dit.colonnes[i][1] === "jour" && /^\d{4}-\d\d-\d\d$/.test(v) ? jour(v) : typeof v === "object" ? JSON.stringify(v) : String(v))))))));
  }

  // A plot where one makes sense: a text or day against a number, or a number alone.
  function dessin(dit) {
    const nombres = dit.colonnes.map((c, i) => [c, i]).filter(([[, s]]) => s === "nombre").map(([, i]) => i);
    const noms = dit.colonnes.map((c, i) => [c, i]).filter(([[, s]]) => s !== "nombre").map(([, i]) => i);
    if (!nombres.length || dit.lignes.length < 2) return null;
    const y = nombres[0], couleur = getComputedStyle(document.documentElement).getPropertyValue("--bleu").trim();
    const commun = {width: Math.min(900, courbe.clientWidth || 700), marginLeft: 60, style: {background: "none"}};
    if (noms.length && dit.lignes.length <= 40) {
      const x = noms[0];
      const quand = dit.colonnes[x][1] === "jour";
      const points = dit.lignes.map((l) => ({x: quand ? new Date(l[x]) : String(l[x]).slice(0, 28), y: l[y]}));
      return quand ? Plot.plot({...commun, y: {label: dit.colonnes[y][0], grid: true}, x: {label: dit.colonnes[x][0]}, marks: [Plot.line(points, {x: "x", y: "y", stroke: couleur, sort: "x"}), Plot.dot(points, {x: "x", y: "y", fill: couleur})]})
        : Plot.plot({...commun, marginLeft: 170, x: {label: dit.colonnes[y][0], grid: true}, y: {label: null}, marks: [Plot.barX(points, Plot.groupY({x: "mean"}, {x: "y", y: "x", fill: couleur, sort: {y: null}}))]});
    }
    return Plot.plot({...commun, height: 240, x: {label: dit.colonnes[y][0]}, y: {label: "lignes", grid: true}, marks: [Plot.rectY(dit.lignes.map((l) => l[y]).filter((v) => v !== null), Plot.binX({y: "count"}, {x: (v) => v, fill: couleur})), Plot.ruleY([0])]});
  }

  async function executer() {
    const q = texte(), adresse = new URLSearchParams({q});
    history.replaceState(null, "", `?${adresse}`);
    document.getElementById("lien").href = `sql.html?${adresse}`;
    for (const forme of ["csv", "xlsx"]) {
      const lien = document.getElementById(`en-${forme}`);
      lien.href = `requete.${forme}?${adresse}`;
      lien.hidden = false;
    }
    etat.className = "";
    etat.textContent = "La requête s'exécute…";
    const reponse = await fetch(`requete.json?${adresse}`).catch(() => null);
    lignes.replaceChildren();
    courbe.replaceChildren();
    if (!reponse || !reponse.ok) {
      etat.className = "refus";
      etat.textContent = reponse ? await reponse.text() : "Le serveur ne répond pas.";
      return;
    }
    const dit = await reponse.json();
    etat.textContent = `${nombre(dit.nombre)} lignes` + (dit.nombre > dit.lignes.length ? `, les ${nombre(dit.lignes.length)} premières montrées ; toutes en CSV ou XLSX` : "");
    lignes.append(tableau(dit));
    const trace = dessin(dit);
    if (trace) courbe.append(el("figure", {class: "courbe"}, el("figcaption", {}, "La même réponse, dessinée"), annexes.dessin(trace)));
  }
  formulaire.addEventListener("submit", (e) => { e.preventDefault(); executer(); });
  if (parametres.get("q")) executer();
});
