// French for the few interface labels Streamlit only has in English: exact texts and attributes, nothing else.
const TEXTES = new Map(Object.entries({
  "App pages": "Pages",
  "Navigate to home page": "Accueil",
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
  "Copy version to clipboard": "Copier la version",
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
  "The page that you have requested does not seem to exist. Running the app's main page.": "Cette page n’existe pas ou plus. Voici la première page.",
  "Wide mode": "Pleine largeur",
  "Appearance": "Apparence",
  "Light": "Clair",
  "Dark": "Sombre",
  "System": "Système",
  "Upload": "Choisir des fichiers",
  "Drag and drop file here": "Déposez un fichier ici",
  "Drag and drop a file here": "Déposez un fichier ici",
  "Drag and drop files here": "Déposez des fichiers ici",
  "Add files": "Ajouter des fichiers",
  "Only one file is allowed.": "Un seul fichier est accepté.",
  "Click to retry upload": "Cliquez pour recommencer l’envoi",
  "Show more": "Voir plus",
  "Show less": "Voir moins",
  "View more": "Voir plus",
  "Search": "Rechercher",
  "Add row": "Ajouter une ligne",
  "Delete row(s)": "Supprimer les lignes",
  "Clear selection": "Effacer la sélection",
  "Show/hide columns": "Choisir les colonnes",
  "Sort ascending": "Trier par ordre croissant",
  "Sort descending": "Trier par ordre décroissant",
  "Pin column": "Figer la colonne",
  "Unpin column": "Libérer la colonne",
  "Hide column": "Masquer la colonne",
  "Autosize": "Ajuster la largeur",
  "Copy column name": "Copier le titre",
  "Column options": "Options de la colonne",
  "Dataframe column menu": "Menu de la colonne",
}));
// Labels that hold a name or a size.
const MOTIFS = [
  [/^(\d+) more$/, (_, n) => `${n} autres pages`],
  [/^0 options? available\.$/, () => "Aucun choix."],
  [/^(\d+) options? available\.$/, (_, n) => `${n} choix.`],
  [/^This app has encountered an error\..*$/s, () => "La page n’a pas pu être calculée. Rechargez-la\u202f; si le message revient, prévenez la personne qui tient le serveur."],
  [/^([\d.]+)\s?MB per file/, (_, n) => `${n.replace(".", ",")}\u00a0Mo par fichier`],
  [/^([\d.]+)\s?(K|M)B$/, (_, n, u) => `${n.replace(".", ",")}\u00a0${u}o`],
  [/^Help for (.+)$/s, (_, nom) => `Aide\u00a0: ${nom}`],
  [/^Show\/hide columns: (.+)$/, (_, nom) => `Choisir les colonnes\u00a0: ${nom}`],
  [/^Search: (.+)$/, (_, nom) => `Rechercher\u00a0: ${nom}`],
  [/^Fullscreen: (.+)$/, (_, nom) => `Plein écran\u00a0: ${nom}`],
  [/^Close fullscreen: (.+)$/, (_, nom) => `Quitter le plein écran\u00a0: ${nom}`],
  [/^Download as CSV: (.+)$/, (_, nom) => `Télécharger en CSV\u00a0: ${nom}`],
  [/^Remove (.+)$/, (_, nom) => `Retirer ${nom}`],
  [/^Cancel upload of (.+)$/, (_, nom) => `Interrompre l’envoi de ${nom}`],
  [/^(\S+) files are not allowed\.$/, (_, type) => `Les fichiers ${type} ne sont pas acceptés.`],
  [/^File must be ([\d.]+)\s?MB or smaller\.$/, (_, n) => `Le fichier doit faire au plus ${n}\u00a0Mo.`],
];
const DEBUTS = [["Made with Streamlit", "Réalisé avec Streamlit"]];
const ATTRIBUTS = ["aria-label", "title", "placeholder", "alt"];

function francais(texte) {
  const exact = TEXTES.get(texte.trim());
  if (exact) return exact;
  for (const [motif, remplacant] of MOTIFS) {
    if (motif.test(texte)) return texte.replace(motif, remplacant);
  }
  return null;
}

function traduire(noeud) {
  if (noeud.nodeType === Node.TEXT_NODE) {
    const texte = francais(noeud.data);
    if (texte) noeud.data = texte;
    for (const [debut, remplacant] of DEBUTS) {
      if (noeud.data.startsWith(debut)) noeud.data = remplacant + noeud.data.slice(debut.length);
    }
    return;
  }
  if (noeud.nodeType !== Node.ELEMENT_NODE) return;
  for (const nom of ATTRIBUTS) {
    const texte = francais(noeud.getAttribute(nom) ?? "");
    if (texte) noeud.setAttribute(nom, texte);
  }
  for (const enfant of noeud.childNodes) traduire(enfant);
}

// The parts of the folded menu are written as plain boxes inside its list: they are its items, their links belong to them.
function ranger() {
  for (const partie of document.querySelectorAll('[data-testid="stSidebarNavItems"] > div')) {
    partie.setAttribute("role", "listitem");
    for (const lien of partie.querySelectorAll(":scope > li")) lien.setAttribute("role", "none");
  }
}

new MutationObserver((changements) => {
  for (const changement of changements) {
    if (changement.type === "childList") changement.addedNodes.forEach(traduire);
    else traduire(changement.target);
  }
  if (changements.some((c) => c.type === "childList")) ranger();
}).observe(document.documentElement, {
  subtree: true,
  childList: true,
  characterData: true,
  attributes: true,
  attributeFilter: ATTRIBUTS,
});
traduire(document.documentElement);
