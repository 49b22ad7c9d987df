import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { findCaddy } from "../../../testing/services/acme/binaries.ts";
import { startCaddy } from "../../../testing/services/acme/caddy.ts";
import { bindAcme, factOf, order } from "../../../testing/suites/acme-bench.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";

const caddy = findCaddy();
/** It fetches at port 80, which not everybody may listen on. */
const mayListen = caddy !== undefined && (await isFree(80));

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  const listening = await once(server, "listening").then(
    () => true,
    () => false,
  );
  server.close();
  return listening;
}

test.runIf(mayListen)(
  "another implementation's CA renews a certificate as well",
  { timeout: 60_000 },
  async () => {
    const { signal } = new AbortController();
    const service = await startCaddy(caddy ?? "");
    try {
      const rotator = await bindAcme(service, { provider: { names: ["localhost"] } });
      await rotator.preflight(signal);
      const first = await order(rotator, markOf("a1"), signal);
      await rotator.verify(first, signal);
      const [version] = await rotator.observe(signal, [factOf(first, markOf("a1"), true)]);
      expect(version).toMatchObject({ handle: first.handle, live: true });
      const second = await order(rotator, markOf("a2"), signal);
      await rotator.verify(second, signal);
      const [one, two] = [first, second].map(
        ({ parts }) => new X509Certificate(parts.get("certificate")?.reveal() ?? ""),
      );
      expect([one?.subjectAltName, two?.subjectAltName]).toEqual(["DNS:localhost", "DNS:localhost"]);
      expect(one?.checkIssued(new X509Certificate(first.parts.get("chain")?.reveal() ?? ""))).toBe(true);
    } finally {
      await service.stop();
    }
  },
);
