import { instantOf } from "../../../core/model/instant.ts";
import { createAuthority, type TestAuthority } from "../../../testing/services/certificates.ts";
import { bindExternal, ROTATOR_TIME, startTokenPlatform } from "../../../testing/suites/external-bench.ts";
import type { OverlapBench } from "../../../testing/suites/overlap-bench.ts";
import { describeOverlapRotator } from "../../../testing/suites/rotator-suite.ts";

async function open(authority?: TestAuthority): Promise<OverlapBench> {
  let seconds = ROTATOR_TIME;
  const clock = (): number => seconds;
  const platform = await startTokenPlatform({
    clock,
    ...(authority === undefined ? {} : { certificate: authority.issue(["127.0.0.1"]) }),
  });
  await platform.service.addObject("billing");
  await platform.service.createByHand("billing");
  return {
    bind: async () =>
      bindExternal(platform.url, { clock, ...(authority === undefined ? {} : { ca: authority.ca }) }),
    now: () => instantOf(seconds),
    pass: (more) => {
      seconds += more;
    },
    addByHand: async () => void (await platform.service.createByHand("orders")),
    logIn: async (parts) => (await platform.service.logIn(parts.get("token")?.reveal() ?? "")) === "orders",
    others: async () => platform.service.versions("billing"),
    close: async () => platform.close(),
  };
}

const promises = { fencesEpochs: true, seesUse: true };

describeOverlapRotator("external over http", promises, async () => open());

const authority = createAuthority();
describeOverlapRotator("external over https", promises, async () => open(authority));
