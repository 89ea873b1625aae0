export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const racine = parentElement.querySelector(".ob-carte");
  if (!racine) return;
  if (racine.dataset.empreinte !== data.empreinte) {
    racine.innerHTML = data.html;
    racine.dataset.empreinte = data.empreinte;
  }
  racine.onclick = (evenement) => {
    const forme = evenement.target.closest("path[data-code]");
    if (forme) setTriggerValue("choix", forme.dataset.code);
  };
}
