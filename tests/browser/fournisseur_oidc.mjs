// A certified OpenID provider for the tests, on this machine only: one client, anybody may sign in under any name.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [dossier, port, retour, secret] = process.argv.slice(2);
const resoudre = createRequire(pathToFileURL(`${dossier}/`));
const { Provider } = await import(pathToFileURL(resoudre.resolve("oidc-provider")));
const fournisseur = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "observatoire", client_secret: secret, redirect_uris: [retour], post_logout_redirect_uris: [retour] }],
  claims: { email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: true } },
  async findAccount(_contexte, id) {
    const verifie = !id.startsWith("doute");
    return { accountId: id, claims: async () => ({ sub: id, email: `${id}@exemple.fr`, email_verified: verifie, name: `Personne ${id}` }) };
  },
});
fournisseur.listen(Number(port), "127.0.0.1", () => console.log("prêt"));
