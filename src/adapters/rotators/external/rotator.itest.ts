import { expect, onTestFinished, test } from "vitest";
import type { ConnectionSpec } from "../../../core/documents/connection.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { instantOf } from "../../../core/model/instant.ts";
import { createAuthority, type TestAuthority } from "../../../testing/services/certificates.ts";
import { bindExternal, ROTATOR_TIME, startTokenPlatform } from "../../../testing/suites/external-bench.ts";
import { markOf, type OverlapBench } from "../../../testing/suites/overlap-bench.ts";
import { describeOverlapRotator } from "../../../testing/suites/rotator-suite.ts";
import { externalRotator } from "./rotator.ts";

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

const promises = { fencesEpochs: true, seesUse: true, seesRefusedUse: true };

describeOverlapRotator("external", promises, async () => open());

test("over https with the connection's own authority it does the same", async () => {
  const { signal } = new AbortController();
  const bench = await open(createAuthority());
  onTestFinished(async () => bench.close());
  const rotator = await bench.bind();
  const issued = await rotator.issue?.(markOf("a1"), [], signal);
  if (issued === undefined) throw new Error("issued nothing");
  await rotator.verify(issued, signal);
  expect(await rotator.observe(signal)).toMatchObject([{ handle: issued.handle, mark: markOf("a1") }]);
});

test("its identity is the one that documents are compared by, before and after it is bound", async () => {
  const platform = await startTokenPlatform();
  onTestFinished(async () => platform.close());
  const rotator = await bindExternal(platform.url);
  const spec = { provider: { external: { connection: "tokens", object: "orders" } } };
  const url = "https://rotator.internal/rotate//";
  const external = { url, key: { id: "k1", secret: { env: "KEY" } } };
  // `as`: the identity takes nothing else from it.
  const identity = (connection: ConnectionSpec | undefined): string =>
    externalRotator.identity(spec as CredentialSpec, () => connection);
  expect(identity({ external })).toBe("external/https://rotator.internal:443/rotate/orders");
  expect(identity(undefined)).toBe("external/connection tokens/orders");
  expect(rotator.identity).toMatch(/^external\/http:\/\/loopback:\d+\/rotate\/orders$/);
});
