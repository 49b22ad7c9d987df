import { afterAll, beforeAll, describe } from "vitest";
import { openKeycloakBench } from "../../suites/keycloak-bench.ts";
import { describeOverlapRotator } from "../../suites/rotator-suite.ts";
import { keycloakServers } from "./every-server.ts";
import type { KeycloakRealm, KeycloakServer } from "./keycloak-server.ts";

const PROMISES = { fencesEpochs: true, seesUse: false, seesRefusedUse: false, shortensOld: true };

describe.each(keycloakServers())("$name", ({ start }) => {
  let server: KeycloakServer;
  let realm: KeycloakRealm;
  beforeAll(async () => {
    server = await start();
    realm = await server.addRealm("shop");
    await realm.policy({ expiration: 31_536_000, rotatedExpiration: 5_184_000 });
  }, 150_000);
  afterAll(async () => server?.close());

  describeOverlapRotator("keycloak-client", PROMISES, async () => openKeycloakBench(server, realm));
});
