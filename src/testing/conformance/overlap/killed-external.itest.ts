import { openExternalProvider } from "./external-provider.ts";
import { describeKilledOverlap } from "./killed-overlap.ts";

describeKilledOverlap({
  name: "external",
  title: "tokens of an external rotator",
  open: openExternalProvider,
  writes: { 0: ["adopt"], 1: ["issue"], 2: ["deactivate"], 3: ["revoke"] },
  mains: ["issue", "deactivate", "revoke"],
  delivers: true,
});
