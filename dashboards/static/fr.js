// French for the few interface labels Streamlit only has in English: exact texts and attributes, nothing else.
const TEXTES = new Map(Object.entries({
  "App pages": "Pages",
  "Sidebar": "Menu latéral",
  "Skip to main content": "Aller au contenu",
  "Main menu": "Menu",
  "Navigation menu": "Menu de navigation",
  "Open sidebar": "Ouvrir le menu",
  "Close sidebar": "Fermer le menu",
  "Expand sidebar": "Ouvrir le menu",
  "Collapse sidebar": "Fermer le menu",
  "Open navigation": "Ouvrir le menu",
  "Close navigation": "Fermer le menu",
  "Settings": "Réglages",
  "Print": "Imprimer",
  "Print page": "Imprimer",
  "Record screen": "Enregistrer l’écran",
  "Record a screencast": "Enregistrer l’écran",
  "Running...": "Calcul…",
  "Stop": "Arrêter",
  "Fullscreen": "Plein écran",
  "Close fullscreen": "Quitter le plein écran",
  "Exit fullscreen": "Quitter le plein écran",
  "Copy": "Copier",
  "Copy to clipboard": "Copier",
  "Copied": "Copié",
  "Clear": "Effacer",
  "Clear value": "Effacer",
  "Open": "Ouvrir",
  "Close": "Fermer",
  "No results": "Aucun résultat",
  "Choose an option": "Choisir",
  "Connecting": "Connexion",
  "Please wait...": "Patientez…",
  "CONNECTING": "CONNEXION",
  "Connection error": "Connexion perdue",
  "Page not found": "Page introuvable",
  "Wide mode": "Pleine largeur",
  "Appearance": "Apparence",
  "Light": "Clair",
  "Dark": "Sombre",
  "System": "Système",
}));
const DEBUTS = [["Made with Streamlit", "Réalisé avec Streamlit"]];
const ATTRIBUTS = ["aria-label", "title", "placeholder", "alt"];

function traduire(noeud) {
  if (noeud.nodeType === Node.TEXT_NODE) {
    const texte = TEXTES.get(noeud.data.trim());
    if (texte) noeud.data = texte;
    for (const [debut, remplacant] of DEBUTS) {
      if (noeud.data.startsWith(debut)) noeud.data = remplacant + noeud.data.slice(debut.length);
    }
    return;
  }
  if (noeud.nodeType !== Node.ELEMENT_NODE) return;
  for (const nom of ATTRIBUTS) {
    const texte = TEXTES.get(noeud.getAttribute(nom) ?? "");
    if (texte) noeud.setAttribute(nom, texte);
  }
  for (const enfant of noeud.childNodes) traduire(enfant);
}

new MutationObserver((changements) => {
  for (const changement of changements) {
    if (changement.type === "childList") changement.addedNodes.forEach(traduire);
    else traduire(changement.target);
  }
}).observe(document.documentElement, {
  subtree: true,
  childList: true,
  characterData: true,
  attributes: true,
  attributeFilter: ATTRIBUTS,
});
