import { expect, test } from "vitest";
import { systemClock } from "../../adapters/runtime/clock.ts";
import { credential } from "../../testing/evaluation/world.ts";
import { forge } from "../../testing/services/tls/certificate-forge.ts";
import { certificateMonitor } from "./certificate-monitor.ts";

const root = forge({ cn: "Root", ca: true });
const leaf = forge({ cn: "leaf", by: root });
const files: Readonly<Record<string, string>> = {
  "certs/leaf.pem": leaf.pem,
  "certs/root.pem": root.pem,
  "certs/garbage.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
};
const { document } = credential("shop", { type: "tls-certificate", certificateFiles: ["certs/leaf.pem"] });

test.each([
  ["certs/root.pem", "trusted", []],
  ["certs/garbage.pem", "unknown-issuer", [/certs\/garbage\.pem holds a certificate that cannot be read/]],
  ["certs/none.pem", "unknown-issuer", [/certs\/none\.pem is not in the repository/]],
])("roots of network.ca: %s", async (ca, end, expected) => {
  const warned: string[] = [];
  const readFile = async (path: string): Promise<Uint8Array | undefined> =>
    files[path] === undefined ? undefined : new TextEncoder().encode(files[path]);
  const monitor = certificateMonitor(
    { network: { ca } },
    readFile,
    (message) => warned.push(message),
    systemClock,
  );
  const looks = await monitor.look(document, new AbortController().signal);
  expect(looks).toMatchObject([{ place: "certs/leaf.pem", scans: [{ path: { end } }] }]);
  // Said once, however many certificates there are.
  await monitor.look(document, new AbortController().signal);
  expect(warned).toEqual(expected.map((words) => expect.stringMatching(words)));
});
