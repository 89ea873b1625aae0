// Contours déjà lus, par adresse : le navigateur les garde aussi d’une visite à l’autre.
const fonds = new Map();

function contours(adresse) {
  if (!fonds.has(adresse)) {
    const lecture = fetch(adresse).then((reponse) => {
      if (!reponse.ok) throw new Error(String(reponse.status));
      return reponse.json();
    });
    lecture.catch(() => fonds.delete(adresse));
    fonds.set(adresse, lecture);
  }
  return fonds.get(adresse);
}

function tracer(racine, chemins) {
  for (const forme of racine.querySelectorAll("path[data-trace]")) {
    const chemin = chemins[forme.dataset.trace];
    if (chemin) forme.setAttribute("d", chemin);
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const racine = parentElement.querySelector(".ob-carte");
  if (!racine) return;
  if (racine.dataset.empreinte !== data.empreinte) {
    racine.innerHTML = data.html;
    racine.dataset.empreinte = data.empreinte;
    contours(data.fond)
      .then((chemins) => tracer(racine, chemins))
      .catch(() => racine.insertAdjacentText("afterbegin", data.panne));
  }
  racine.onclick = (evenement) => {
    const forme = evenement.target.closest("[data-code]");
    if (forme) setTriggerValue("choix", forme.dataset.code);
  };
}
