// Back to the sign-in page as soon as the session is over or the right to be here is taken away.
async function verifier() {
  let reponse;
  try {
    reponse = await fetch("/connexion/etat", { cache: "no-store" });
  } catch {
    return; // The server is restarting: Streamlit says so itself.
  }
  if (reponse.status === 401 || reponse.status === 403) location.reload();
}
setInterval(verifier, 10000);
document.addEventListener("visibilitychange", () => document.hidden || verifier());
