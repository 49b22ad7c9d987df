import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import "reflect-metadata";
import { Pkcs10CertificateRequest } from "@peculiar/x509";
import { afterEach, expect, test } from "vitest";
import { instantOf } from "../../../core/model/instant.ts";
import type { Rotation } from "../../../core/state/status.ts";
import { createEstate, pushAs, type WaveEstate, writeInto } from "../estate.ts";
import { hoursAfter } from "../virtual-clock.ts";
import { type ServedTenant, settleServed } from "./served-tenant.ts";
import { AUTHORITY, isPair, signed } from "./signing.ts";

const NAME = "shop";
const HOST = "127.0.0.1";
const FILE = "certs/shop.pem";
const DAY = 86_400_000;
const START = instantOf(Math.floor(Date.now() / 1000));
const CLI = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));
const execute = promisify(execFile);

let estate: WaveEstate<ServedTenant> | undefined;
afterEach(async () => estate?.dispose());

interface Story {
  readonly tenant: ServedTenant;
  readonly run: (hour: number) => Promise<{ readonly exit: number; readonly said: string }>;
  readonly rotation: () => Rotation | undefined;
  /** A person puts this into certs/shop.pem and merges it. */
  readonly put: (pem: string) => Promise<void>;
  /** What a read-only command prints. */
  readonly ask: (...command: readonly string[]) => Promise<string>;
}

/** A certificate of the house's CA with two days left: due at once. */
async function begin(): Promise<Story> {
  const soon = new Date(Date.now() + 2 * DAY);
  const first = AUTHORITY.issue([HOST], { notAfter: soon });
  const made = await createEstate([
    settleServed({
      name: NAME,
      provider: `{ csr: { names: ["${HOST}"], subject: { organization: Shop }, certificate: ${FILE} } }`,
      first: { privateKey: first.key, fullchain: first.certificate },
      policy: "enforcement: rotate\n  renew: { beforeExpiry: 30d }",
    }),
  ]);
  estate = made;
  const [tenant] = made.tenants;
  if (tenant === undefined) throw new Error("no credential");
  const checkedOut = async (): Promise<string> => {
    const clone = made.clone();
    await execute("git", ["-C", clone, "checkout", "--quiet", "main"]);
    return clone;
  };
  return {
    tenant,
    run: async (hour) => {
      const report = await made.runAt(hoursAfter(START, hour));
      return { exit: report.exit, said: report.lines.map(({ text }) => text).join("\n") };
    },
    rotation: () => tenant.status()?.rotation,
    put: async (pem) => {
      const clone = await checkedOut();
      writeInto(clone, FILE, pem);
      pushAs("Bob", clone, "The certificate that the CA made");
    },
    ask: async (...command) => {
      const args = [CLI, ...command, "--repo", await checkedOut()];
      const { stdout } = await execute(process.execPath, args, { env: { ...made.env } });
      return stdout;
    },
  };
}

test("people have a key signed that waits at its targets, and the old certificate goes on until every endpoint serves the new one", async () => {
  const { tenant, run, rotation, put, ask } = await begin();
  const old = tenant.held();
  await run(0);
  await run(1);
  expect(rotation()).toMatchObject({ recipe: "signed", outcome: "open", step: "collect" });
  expect(tenant.pending()).toMatchObject({ privateKey: expect.stringContaining("PRIVATE KEY") });
  expect(tenant.held()).toEqual(old);
  const shown = await ask("status", NAME);
  expect(shown).toContain("have this signed");
  const request =
    /-----BEGIN CERTIFICATE REQUEST-----[^]*?-----END CERTIFICATE REQUEST-----/.exec(shown)?.[0] ?? "";
  expect(new Pkcs10CertificateRequest(request).subject).toBe(`O=Shop, CN=${HOST}`);
  // What can be wrong with what people bring is told, and changes nothing.
  const stranger = AUTHORITY.issue([HOST]);
  for (const [pem, why] of [
    [stranger.certificate, "is of another key"],
    [signed(request, ["www.example.com"]), `it lacks the names ${HOST}`],
    [signed(request, [HOST], -1), "has ended on"],
    [stranger.key, "there is a private key"],
    ["what is this", "cannot be read"],
  ] as const) {
    await put(pem);
    const { said } = await run(2);
    expect([why, said, rotation()?.wait?.detail]).toEqual([why, said, expect.stringContaining(why)]);
    expect(rotation()).toMatchObject({ step: "collect", outcome: "open" });
  }
  expect(await ask("evaluate")).toContain("waits since");
  await put(signed(request, [HOST]));
  tenant.stale = true;
  await run(3);
  expect(rotation()).toMatchObject({ step: "confirm", outcome: "open" });
  expect(rotation()?.wait?.detail).toContain(`${tenant.endpoint} serves the old one`);
  tenant.stale = false;
  for (const hour of [4, 30, 60]) await run(hour);
  expect(rotation()).toMatchObject({ outcome: "done", confirmedBy: "provider" });
  expect(isPair(tenant.held())).toBe(true);
  expect(tenant.consumer.tally).toMatchObject({ failures: 0 });
  const { versions } = tenant.status() ?? {};
  expect(versions).toMatchObject([{ live: true, promoted: true, origin: "issued" }]);
  expect(versions?.[0]?.expiresAt?.slice(0, 10)).toBe(
    new Date(Date.now() + 90 * DAY).toISOString().slice(0, 10),
  );
});

test("a compromised key is replaced as soon as its certificate is there, and what is left to do is said", async () => {
  const { tenant, run, rotation, put, ask } = await begin();
  await run(0);
  const { env } = estate ?? {};
  const clone = estate?.clone() ?? "";
  const cre = (...command: readonly string[]) =>
    execute(process.execPath, [CLI, ...command, "--repo", clone], { env: { ...env } }).catch(
      (error) => error,
    );
  const { stdout } = await cre("compromise", NAME, "--reason", "the key was in a backup");
  expect(stdout).toContain("certificate");
  const shown = await ask("status", NAME);
  const request =
    /-----BEGIN CERTIFICATE REQUEST-----[^]*?-----END CERTIFICATE REQUEST-----/.exec(shown)?.[0] ?? "";
  await put(signed(request, [HOST]));
  const { said } = await run(1);
  expect(rotation()).toMatchObject({ outcome: "done", emergency: true });
  expect(said).toContain("ask the CA behind certs/shop.pem to revoke every certificate of this key");
  expect(isPair(tenant.held())).toBe(true);
});
