import { instantOf } from "../../core/model/instant.ts";
import { createOrders, secretIn } from "../services/keycloak/keycloak-orders.ts";
import type { KeycloakRealm, KeycloakServer } from "../services/keycloak/keycloak-server.ts";
import type { OverlapBench } from "./overlap-bench.ts";

/** A client whose secret nobody has, and beside it a stranger's. */
export async function openKeycloakBench(server: KeycloakServer, realm: KeycloakRealm): Promise<OverlapBench> {
  const clock = { now: () => instantOf(Math.floor(Date.now() / 1000)) };
  const orders = await createOrders(server, realm, { clock, client: { attributes: { team: "payments" } } });
  const stranger = await createOrders(server, realm);
  const { signal } = new AbortController();
  // As a retired credential leaves it.
  const first = await orders.bind();
  const mark = { rotation: "before", attempt: "before", epoch: 1 };
  const [version] = await first.observe(signal);
  if (version === undefined) throw new Error("a client without a secret");
  await first.revoke(version, { expected: undefined, next: mark }, signal);
  return {
    bind: async () => orders.bind(),
    now: () => clock.now(),
    pass: () => undefined,
    addByHand: async () => {
      await orders.regenerate();
    },
    logIn: async (parts) => orders.logIn(secretIn(parts)),
    others: async () => {
      const { attributes, secret: _, notBefore: __, ...fields } = await orders.show();
      const kept = Object.entries(attributes).filter(([name]) => !/^(cre|client\.secret)\./.test(name));
      return { stranger: await stranger.show(), fields, attributes: Object.fromEntries(kept) };
    },
    close: async () => undefined,
  };
}
