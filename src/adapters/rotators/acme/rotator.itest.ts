import { startAcmeStandIn } from "../../../testing/services/acme/stand-in.ts";
import { describeAcmeRotator } from "../../../testing/suites/acme-suite.ts";

describeAcmeRotator("the stand-in", async () => startAcmeStandIn({ badNonces: 10, working: 1 }));
