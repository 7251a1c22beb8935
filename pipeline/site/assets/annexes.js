// What all pages share: data files, elements made without markup, French numbers and days, the search box.
"use strict";
const annexes = (() => {
  const racine = document.currentScript.dataset.root;
  const recus = new Map(), attentes = new Map();

  // A data file calls this with its name and its value.
  function recevoir(nom, valeur) {
    recus.set(nom, valeur);
  }

  // The value of donnees/<nom>.js, loaded once. Scripts, because pages opened from the disk may not fetch.
  function charger(nom) {
    if (!attentes.has(nom)) {
      attentes.set(nom, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `${racine}donnees/${nom.split("/").map(encodeURIComponent).join("/")}.js`;
        script.onload = () => recus.has(nom) ? resolve(recus.get(nom)) : reject(new Error(nom));
        script.onerror = () => reject(new Error(nom));
        document.head.append(script);
      }));
    }
    return attentes.get(nom);
  }

  // An element: attributes, then children as elements or texts. Texts are never markup.
  function el(nom, attributs = {}, ...enfants) {
    const fait = document.createElement(nom);
    for (const [cle, valeur] of Object.entries(attributs)) {
      if (valeur !== null && valeur !== undefined && valeur !== false) fait.setAttribute(cle, valeur === true ? "" : valeur);
    }
    fait.append(...enfants.flat().filter((e) => e !== null && e !== undefined && e !== ""));
    return fait;
  }

  function nombre(valeur) {
    return valeur.toLocaleString("fr-FR", {maximumFractionDigits: 10});
  }

  const mois = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(" ");
  function jour(iso) {
    const [a, m, j] = iso.split("-").map(Number);
    return `${j === 1 ? "1er" : j} ${mois[m - 1]} ${a}`;
  }

  // A value as a reader of French sees it; only amounts (columns with a unit) get their thousands apart.
  function montrer(valeur, colonne) {
    if (valeur === null || valeur === undefined) return "∅";
    if (typeof valeur === "boolean") return valeur ? "oui" : "non";
    if (typeof valeur === "number") return colonne.unite || !Number.isInteger(valeur) ? nombre(valeur) : String(valeur);
    if (Array.isArray(valeur)) return valeur.join(", ");
    return colonne.type === "DATE" ? jour(valeur) : String(valeur);
  }

  function periode([debut, fin]) {
    if (!debut) return "non daté";
    return `du ${jour(debut)} ` + (fin ? `au ${jour(fin)}, exclu` : "sans fin connue");
  }

  // A name as part of an address: what render.slug makes of the plain names that files have.
  const somme = (() => {
    const table = Array.from({length: 256}, (_, n) => {
      for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
      return n >>> 0;
    });
    return (texte) => {
      let crc = 0xffffffff;
      for (const octet of new TextEncoder().encode(texte)) crc = table[(crc ^ octet) & 255] ^ (crc >>> 8);
      return (crc ^ 0xffffffff) >>> 0;
    };
  })();

  function plier(texte) {
    return texte.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
      .replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[^a-z0-9]+/g, " ").trim();
  }

  function departement(code) {
    return code.startsWith("97") ? code.slice(0, 3) : code.slice(0, 2);
  }

  // Every commune of the index: code and name.
  function* communes(index) {
    for (const [place, texte] of Object.entries(index)) {
      const signes = 5 - place.length;
      for (const un of texte.split("|")) yield [place + un.slice(0, signes), un.slice(signes)];
    }
  }

  const parametres = new URLSearchParams(location.search);

  // A drawing whose text stands beside it: its inner labels would only be read out one by one.
  function dessin(svg) {
    for (const interieur of svg.querySelectorAll("[aria-label], [aria-description]")) {
      interieur.removeAttribute("aria-label");
      interieur.removeAttribute("aria-description");
    }
    svg.setAttribute("aria-hidden", "true");
    return svg;
  }

  function refuser(ou, message) {
    ou.replaceChildren(el("h1", {}, document.title.split(" · ")[0]), el("p", {role: "alert"}, message));
  }

  return {racine, recevoir, charger, el, nombre, jour, montrer, periode, somme, plier, departement, communes, parametres, dessin, refuser};
})();

// The search box: an index loaded when it is first needed, a list driven by the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  const {el, charger, plier, communes, racine, parametres, departement} = annexes;
  const champ = document.getElementById("q"), liste = document.getElementById("q-liste"), etat = document.getElementById("q-etat");
  if (!champ) return;
  let fiches = null, choisi = -1;

  async function index() {
    if (fiches) return fiches;
    const lu = await charger("recherche");
    fiches = [
      ...lu.jeux.map(([nom, titre]) => ({titre, sorte: "jeu", href: `jeux/${nom}.html`, cle: ` ${plier(titre)} ${plier(nom)}`, poids: 0})),
      ...lu.actes.map(([page, titre, nor, tenu]) => ({titre, sorte: tenu ? "acte" : "acte non détenu", href: `actes/${page}.html`, cle: ` ${plier(titre)} ${nor.toLowerCase()}`, poids: 1})),
      ...lu.epci.map(([siren, nom]) => ({titre: nom, sorte: "EPCI", href: `epci.html?s=${siren}`, cle: ` ${plier(nom)} ${siren}`, poids: 3})),
      ...Array.from(communes(lu.communes), ([code, nom]) => ({titre: nom, sorte: `commune, ${departement(code)}`, href: `commune.html?c=${code}`, cle: ` ${plier(nom)} ${code.toLowerCase()}`, poids: 2})),
    ];
    return fiches;
  }

  // Exact names first, then names that begin so, then those with a word that begins so.
  function trouver(toutes, texte) {
    const cherche = plier(texte.replace(/\(\s*(\w+)\s*\)/, " ")), lieu = (texte.match(/\(\s*(\w+)\s*\)/) || [])[1];
    if (!cherche) return [];
    const trouvees = [];
    for (const f of toutes) {
      const place = f.cle.indexOf(` ${cherche}`);
      if (place < 0 || (lieu && !f.sorte.endsWith(`, ${lieu.toUpperCase()}`))) continue;
      const exact = plier(f.titre) === cherche || f.cle.endsWith(` ${cherche}`);
      trouvees.push([exact ? 0 : place === 0 ? 1 : 2, f.poids, f.titre.length, f]);
    }
    return trouvees.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).slice(0, 12).map((t) => t[3]);
  }

  function marquer(n) {
    choisi = n;
    [...liste.children].forEach((li, i) => li.setAttribute("aria-selected", i === n));
    if (n >= 0) {
      champ.setAttribute("aria-activedescendant", liste.children[n].id);
      liste.children[n].scrollIntoView({block: "nearest"});
    } else champ.removeAttribute("aria-activedescendant");
  }

  function fermer() {
    liste.hidden = true;
    champ.setAttribute("aria-expanded", "false");
    marquer(-1);
  }

  async function repondre() {
    const texte = champ.value;
    if (!texte.trim()) return fermer();
    let trouvees;
    try {
      trouvees = trouver(await index(), texte);
    } catch {
      etat.textContent = "L'index de recherche n'a pas pu être lu.";
      return;
    }
    if (champ.value !== texte) return;
    liste.replaceChildren(...trouvees.map((f, i) => {
      const li = el("li", {role: "option", id: `q-${i}`, "aria-selected": "false"}, el("span", {}, f.titre), el("small", {}, f.sorte));
      li.dataset.href = racine + f.href;
      return li;
    }));
    etat.textContent = trouvees.length ? `${trouvees.length} résultats` : "Rien de ce nom n'est connu ici.";
    liste.hidden = !trouvees.length;
    champ.setAttribute("aria-expanded", String(trouvees.length > 0));
    marquer(trouvees.length ? 0 : -1);
  }

  champ.addEventListener("input", repondre);
  champ.addEventListener("focus", () => { index().catch(() => {}); });
  champ.addEventListener("blur", () => setTimeout(fermer, 150));
  champ.addEventListener("keydown", (e) => {
    const n = liste.children.length;
    if (e.key === "Escape") fermer();
    if (liste.hidden || !n) return;
    if (e.key === "ArrowDown") { e.preventDefault(); marquer((choisi + 1) % n); }
    if (e.key === "ArrowUp") { e.preventDefault(); marquer((choisi + n - 1) % n); }
    if (e.key === "Enter" && choisi >= 0) { e.preventDefault(); location.href = liste.children[choisi].dataset.href; }
  });
  liste.addEventListener("pointerdown", (e) => {
    const li = e.target.closest("li");
    if (li) location.href = li.dataset.href;
  });
  champ.form.addEventListener("submit", (e) => { e.preventDefault(); repondre(); });
  if (parametres.get("q") && location.pathname.endsWith("index.html")) { champ.value = parametres.get("q"); champ.focus(); repondre(); }
});
