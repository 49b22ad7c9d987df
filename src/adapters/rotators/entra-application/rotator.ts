import { EntraApplicationProvider } from "../../../core/documents/provider.ts";
import type { BoundRotator, Rotator } from "../../../core/ports/rotator.ts";
import { readApplication, versionOf } from "./application.ts";
import { containSecret } from "./contain.ts";
import { adoptSecret, revokeSecret } from "./endings.ts";
import type { Graph } from "./graph.ts";
import { issueSecret } from "./issue.ts";
import { RunnerLogin } from "./login.ts";
import { preflight } from "./preflight.ts";
import { providerOf, siteOf } from "./site.ts";
import { useOfSecret } from "./use.ts";
import { verifySecret } from "./verify.ts";

/**
 * Client secrets of an application registration in Microsoft Entra: a second one is made beside the first, both work
 * until the old one is removed. Entra cannot switch one off and on again, so that its removal needs evidence, or a
 * person's word.
 */
export const entraApplicationRotator: Rotator = {
  type: "entra-application",
  parameters: EntraApplicationProvider,
  parts: ["clientId", "clientSecret"],
  recipe: () => "overlap",
  identity: (credential, connection) => {
    const { connection: name, applicationId } = providerOf(credential);
    const { tenant = `connection ${name}` } = connection(name)?.entra ?? {};
    return `entra-application/${tenant.toLowerCase()}/${applicationId.toLowerCase()}`;
  },
  objects: (credential) => [providerOf(credential).applicationId],
  connections: (credential) => [providerOf(credential).connection],
  bind: async (name, credential, ports) => {
    const identity = entraApplicationRotator.identity(credential, (wanted) => ports.connection(wanted));
    const site = siteOf(name, identity, providerOf(credential), ports);
    return bound({ site, login: new RunnerLogin() });
  },
};

function bound(graph: Graph): BoundRotator {
  const { site } = graph;
  return {
    identity: site.identity,
    preflight: (signal) => preflight(graph, signal),
    observe: async (signal) => {
      const { passwords } = await readApplication(graph, signal);
      const now = site.ports.clock.now();
      return passwords.map((password) => versionOf(password, now));
    },
    adopt: (version, mark, signal) => adoptSecret(graph, version, mark, signal),
    issue: (mark, occupied, signal) => issueSecret(graph, mark, occupied, signal),
    verify: (issued, signal) => verifySecret(site, issued, signal),
    ...(site.connection.signInActivity === true
      ? { inUse: (version, since, signal) => useOfSecret(graph, version, since, signal) }
      : {}),
    revoke: (version, fence, signal) => revokeSecret(graph, version, fence, signal),
    contain: (version, _since, signal) => containSecret(graph, version, signal),
    close: async () => graph.login.forget(),
  };
}
