import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSeveredProxy } from "../../../testing/services/severed-proxy.ts";
import { type Forged, forge } from "../../../testing/services/tls/certificate-forge.ts";
import { type TlsServers, tlsServers } from "../../../testing/services/tls/tls-servers.ts";
import {
  credentialText,
  discoveryPorts,
  lookAt,
  problemsOf,
} from "../../../testing/suites/discovery-bench.ts";
import { type DiscoveryBench, describeDiscoverySource } from "../../../testing/suites/discovery-suite.ts";
import { createTlsSource } from "./source.ts";

const SETTINGS = `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec: { network: { scan: ["127.0.0.*:*"] } }
`;

function handleOf({ der }: Pick<Forged, "der">): string {
  return `SHA256:${createHash("sha256").update(der).digest("hex")}`;
}

function certificateText(name: string, ...ports: readonly number[]): string {
  const endpoints = ports.map((port) => `"127.0.0.1:${port}"`).join(", ");
  return credentialText(name, "tls-certificate", `  endpoints: [${endpoints}]`);
}

async function openBench(): Promise<DiscoveryBench> {
  const servers = tlsServers();
  const proxy = startSeveredProxy();
  const certificates = ["shop", "pay", "found"].map((cn) => forge({ cn, names: [`${cn}.example.com`] }));
  const [shop, pay, found] = await Promise.all(certificates.map(async (one) => servers.serve([one])));
  const front = await proxy.lead("pay", pay ?? 0);
  const { ports } = discoveryPorts({
    policies: SETTINGS,
    registry: [certificateText("shop-cert", shop ?? 0), certificateText("pay-cert", front)].join(""),
  });
  const entry = {
    endpoints: [`127.0.0.1:${front}`],
    ranges: [{ cidr: "127.0.0.0/30", ports: [found ?? 0] }],
    registry: true as const,
  };
  return {
    open: async () => {
      const [part] = await createTlsSource(3).open(entry, ports);
      if (part === undefined) throw new Error("no part");
      return part;
    },
    handles: certificates.map(handleOf).toSorted(),
    sighted: ["identity of pay-cert", "identity of shop-cert"],
    covered: ["identity of pay-cert", "identity of shop-cert"],
    secrets: certificates.map(({ key }) => key.split("\n")[1] ?? ""),
    steps: 2,
    state: async () => servers.received,
    breakDown: async () => {
      proxy.arm({ request: 1, when: "before" });
      return new RegExp(`127\\.0\\.0\\.1:${front}: the connection is closed`);
    },
    mend: async () => proxy.arm(),
    close: async () => {
      await proxy.close();
      await servers.close();
    },
  };
}

describeDiscoverySource("tls", openBench);

let servers: TlsServers;
beforeAll(() => {
  servers = tlsServers();
});
afterAll(async () => servers.close());

async function seen(
  entry: Parameters<ReturnType<typeof createTlsSource>["open"]>[0],
  world: Parameters<typeof discoveryPorts>[0] = { policies: SETTINGS },
) {
  const [part] = await createTlsSource(64).open(entry, discoveryPorts(world).ports);
  if (part === undefined) throw new Error("no part");
  return lookAt(part);
}

test("a certificate is shown with its names, issuer, end and what is weak about it", async () => {
  const weak = forge({ cn: "old", names: ["old.example.com"], key: "rsa-1024" });
  const port = await servers.serve([weak]);
  const { sightings } = await seen({ endpoints: [`127.0.0.1:${port}`] });
  expect(sightings).toMatchObject([
    {
      kind: "tls-certificate",
      handle: handleOf(weak),
      place: `127.0.0.1:${port}`,
      live: true,
      detail: { names: "old.example.com", "key type": "rsa 1024" },
      concerns: [expect.stringContaining("weak")],
    },
  ]);
});

test("an endpoint at no public address is left alone, and that is said", async () => {
  const port = await servers.serve([forge({ cn: "inside" })]);
  const looked = await seen(
    { endpoints: [`127.0.0.1:${port}`] },
    { policies: SETTINGS.replace("127.0.0.*:*", "10.*:443") },
  );
  expect(looked).toMatchObject({ sightings: [], end: { complete: false } });
  expect(problemsOf(looked)).toContain("network.scan");
});

test("of a registered certificate with several endpoints nothing is said while one shows nothing", async () => {
  const port = await servers.serve([forge({ cn: "shop" })]);
  const silent = await servers.raw((socket) => socket.destroy());
  const looked = await seen(
    { registry: true },
    { policies: SETTINGS, registry: certificateText("shop-cert", port, silent) },
  );
  expect(looked.end).toMatchObject({ complete: true, covered: [], scanned: 2 });
  expect(looked.sightings).toHaveLength(1);
});

test("hosts are found in the files of the repository that the patterns match", async () => {
  const looked = await seen(
    { files: ["deploy/**/*.yaml"] },
    {
      policies: SETTINGS,
      files: {
        "deploy/prod/a/app.yaml": "url: https://nobody-has-this-name.invalid-name.zz/x",
        "deploy/app.yaml": "db: nor-this.invalid-name.zz:5432",
        "deploy/app.json": "https://not-matched.invalid-name.zz",
      },
    },
  );
  // No such names: they are looked for, and that they are not there is no fault of the source.
  expect(looked).toMatchObject({ sightings: [], end: { complete: true, scanned: 2, problems: [] } });
});
