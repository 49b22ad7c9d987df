import { openKeycloakProvider } from "./keycloak-provider.ts";
import { describeKilledOverlap } from "./killed-overlap.ts";

describeKilledOverlap({
  name: "keycloak-client",
  title: "secrets of a client of Keycloak",
  open: openKeycloakProvider,
  // Without evidence of use it soaks twice as long.
  writes: { 0: ["PUT client"], 1: ["PUT client", "PUT client"], 2: ["PUT client"], 4: ["PUT client"] },
  mains: [],
});
