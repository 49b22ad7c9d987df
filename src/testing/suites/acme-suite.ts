import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lifetimeSeconds, readChain, renewalId, rootName } from "../../adapters/clients/x509/chain.ts";
import { slotOf } from "../../adapters/rotators/acme/place.ts";
import { parseInstant } from "../../core/model/instant.ts";
import type { Issued } from "../../core/ports/rotator.ts";
import type { AcmeService } from "../services/acme/acme-service.ts";
import { type AcmeOptions, accountKey, bindAcme, factOf, NAMES, order } from "./acme-bench.ts";
import { startZoneServer, type ZoneServer } from "./acme-hooks.ts";
import { expectNone, markOf, secretsOf } from "./overlap-bench.ts";

/** What the acme rotator does at every CA that is a good one. `names`: of hosts that lead to this machine there. */
export function describeAcmeRotator(
  name: string,
  open: () => Promise<AcmeService>,
  { names = NAMES }: { readonly names?: readonly string[] } = {},
): void {
  describe(`acme at ${name}`, () => {
    const { signal } = new AbortController();
    let service: AcmeService;
    beforeAll(async () => {
      service = await open();
    }, 60_000);
    afterAll(async () => service.stop());

    const bind = async (options: AcmeOptions = {}) =>
      bindAcme(service, { ...options, provider: { names: [...names], ...options.provider } });

    test("a certificate for every name is ordered, proven and collected with a key of its own, and its parts belong together", async () => {
      const rotator = await bind();
      await rotator.preflight(signal);
      const issued = await order(rotator, markOf("a1"), signal);
      await rotator.verify(issued, signal);
      const leaf = new X509Certificate(partOf(issued, "certificate"));
      expect(leaf.checkPrivateKey(createPrivateKey(partOf(issued, "privateKey")))).toBe(true);
      expect(leaf.subjectAltName?.split(", ").toSorted()).toEqual(
        names.map((one) => `DNS:${one}`).toSorted(),
      );
      expect(partOf(issued, "fullchain")).toBe(partOf(issued, "certificate") + partOf(issued, "chain"));
      expect(issued.handle).toBe(`SHA256:${leaf.fingerprint256.replaceAll(":", "").toLowerCase()}`);
      expect(issued.expiresAt).toBe(parseInstant(new Date(leaf.validTo).toISOString()));
      expectNone(
        rotator,
        secretsOf(issued).filter((part) => part.includes("PRIVATE")),
      );
      const second = await order(rotator, markOf("a2"), signal);
      expect(partOf(second, "privateKey")).not.toBe(partOf(issued, "privateKey"));
    });

    test.each(["ecdsa-p384", "rsa-2048"] as const)("with a key of the type %s", async (keyType) => {
      const rotator = await bind({ provider: { keyType } });
      const issued = await order(rotator, markOf("a1"), signal);
      await rotator.verify(issued, signal);
      const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPrivateKey(
        partOf(issued, "privateKey"),
      );
      expect([type, details?.namedCurve ?? details?.modulusLength]).toEqual(
        keyType === "rsa-2048" ? ["rsa", 2048] : ["ec", "secp384r1"],
      );
    });

    test("nothing answers at the challenge's address before and after, and an order left open is gone on with", async () => {
      const rotator = await bind();
      const reference = await rotator.request?.(markOf("a1"), undefined, signal);
      expect(await rotator.request?.(markOf("a2"), reference, signal)).toBe(reference);
      const issued = await rotator.issue?.(markOf("a2"), [], signal, reference);
      expect(issued).toBeDefined();
      const server = createServer().listen(service.httpPort, "127.0.0.1");
      await new Promise((listening) => server.once("listening", listening));
      await new Promise((done) => server.close(done));
      const next = await rotator.request?.(markOf("a3"), reference, signal);
      expect(next).not.toBe(reference);
      await expect(rotator.issue?.(markOf("a3"), [], signal, reference)).rejects.toMatchObject({
        outcome: "refused",
        code: "acme-order-lost",
      });
    });

    test("an orphan is revoked, one that was in use only runs out, and a compromised one is dead at the CA", async () => {
      const rotator = await bind();
      const mark = markOf("a1");
      const [orphan, used] = [await order(rotator, mark, signal), await order(rotator, mark, signal)];
      const facts = [factOf(orphan, mark, false), factOf(used, mark, true)];
      const observed = await rotator.observe(signal, facts);
      expect(observed.map(({ handle, live }) => [handle, live])).toEqual([
        [orphan.handle, true],
        [used.handle, true],
      ]);
      for (const _ of [1, 2]) {
        for (const version of observed) await rotator.revoke(version, { expected: mark, next: mark }, signal);
      }
      expect(await service.revocationOf(serialOf(orphan))).toBe(4);
      expect(await service.revocationOf(serialOf(used))).toBeUndefined();
      for (const _ of [1, 2]) {
        const ended = { handle: used.handle, slot: used.slot, live: false, reactivatable: false };
        const evidence = await rotator.contain?.(ended, used.createdAt, signal);
        expect(evidence).toMatchObject([{ dead: true, detail: "revoked for key compromise" }]);
      }
      expect(await service.revocationOf(serialOf(used))).toBe(1);
    });

    test("another account collects and revokes nothing of ours", async () => {
      const rotator = await bind();
      const issued = await order(rotator, markOf("a1"), signal);
      const other = await bind({ accountKey: accountKey() });
      await other.request?.(markOf("b0"), undefined, signal);
      const reference = await rotator.request?.(markOf("a2"), undefined, signal);
      await expect(other.issue?.(markOf("b1"), [], signal, reference)).rejects.toMatchObject({
        code: "acme-order-lost",
      });
      const fact = factOf(issued, markOf("a1"), false);
      const [version] = await other.observe(signal, [fact]);
      if (version === undefined) throw new Error("nothing observed");
      await expect(
        other.revoke(version, { expected: fact.mark, next: markOf("a1") }, signal),
      ).rejects.toMatchObject({ outcome: "refused" });
      expect(await service.revocationOf(serialOf(issued))).toBeUndefined();
    });

    describe("by DNS", () => {
      let zone: ZoneServer;
      beforeAll(async () => {
        zone = await startZoneServer(async (record, values) => service.setRecord?.(record, values));
      });
      afterAll(async () => zone.close());

      test.each(["webhook", "command"] as const)(
        "through a %s, a wildcard and its own name are proven by two records of one name, which are gone afterwards",
        async (way) => {
          if (service.setRecord === undefined) return;
          // Of each way its own: Pebble may take up a name's proof from an order before, now and then, whatever it is told.
          const wanted = [`*.${way}.example.test`, `${way}.example.test`];
          const rotator = await bind({
            provider: {
              names: wanted,
              challenge: {
                "dns-01": way === "webhook" ? { webhook: { connection: "zone" } } : { command: "zone" },
              },
            },
            connections: { zone: zone.connection },
            secrets: zone.secrets,
            commands: { zone: zone.command },
          });
          await rotator.preflight(signal);
          zone.spreads(1);
          const issued = await order(rotator, markOf("d1"), signal);
          await rotator.verify(issued, signal);
          const leaf = new X509Certificate(partOf(issued, "certificate"));
          expect(leaf.subjectAltName?.split(", ").toSorted()).toEqual(wanted.map((one) => `DNS:${one}`));
          const put = zone.heard.findLast(({ phase }) => phase === "challenge-put");
          expect(put).toMatchObject({
            answers: [{ record: `_acme-challenge.${way}.example.test` }, { type: "TXT" }],
          });
          expect(zone.records.size).toBe(0);
        },
      );
    });

    test("of several chains the preferred one is taken, and a wish that cannot be met is told", async () => {
      if (service.alternateRoot === undefined) return;
      const warnings: string[] = [];
      const warn = (text: string) => void warnings.push(text);
      const wish = async (preferredChain: string) => {
        const rotator = await bind({ provider: { preferredChain }, warn });
        return readChain(partOf(await order(rotator, markOf("a1"), signal), "fullchain"));
      };
      expect(rootName(await wish(service.alternateRoot))).toBe(service.alternateRoot);
      expect(warnings).toEqual([]);
      expect(rootName(await wish("Nobody's Root"))).not.toBe(service.alternateRoot);
      expect(warnings.join()).toContain("offers no chain to Nobody's Root");
    });

    test("the CA's window for renewal is shown with the version in use, and what replaces it says so; a second try is taken, too", async () => {
      const rotator = await bind();
      const mark = markOf("a1");
      const issued = await order(rotator, mark, signal);
      const [version] = await rotator.observe(signal, [factOf(issued, mark, true)]);
      expect(version?.renewal !== undefined).toBe(service.hasRenewalInfo);
      if (!service.hasRenewalInfo) return;
      const { start = "", end = "" } = version?.renewal ?? {};
      expect(start > issued.createdAt && start < end && end <= (issued.expiresAt ?? "")).toBe(true);
      for (const attempt of ["b1", "b2"]) {
        const next = await order(rotator, markOf(attempt), signal);
        await rotator.verify(next, signal);
      }
    });

    test("a certificate of another authority is replaced as well, by an order that does not name it", async () => {
      const rotator = await bind();
      const mark = markOf("a1");
      const issued = await order(rotator, mark, signal);
      const elsewhere = { ...issued, slot: slotOf(await ofAnotherAuthority(partOf(issued, "certificate"))) };
      await rotator.observe(signal, [factOf(elsewhere, mark, true)]);
      const next = await order(rotator, markOf("b1"), signal);
      await rotator.verify(next, signal);
      expect(next.handle).not.toBe(issued.handle);
    });

    test("a profile that the CA offers shortens the life, one that it does not offer is refused before any order", async () => {
      const unknown = await bind({ provider: { profile: "nobody-has-this" } });
      await expect(unknown.preflight(signal)).rejects.toMatchObject({ code: "acme-profile-unknown" });
      if (!service.profiles.includes("shortlived")) return;
      const rotator = await bind({ provider: { profile: "shortlived" } });
      await rotator.preflight(signal);
      const { leaf } = await readChain(partOf(await order(rotator, markOf("a1"), signal), "fullchain"));
      expect(lifetimeSeconds(leaf.facts)).toBeLessThanOrEqual(6 * 86_400);
    });
  });
}

/** The same certificate as if another key had signed it: what it calls that key is changed. */
async function ofAnotherAuthority(pem: string): Promise<Uint8Array> {
  const der = Buffer.from(new X509Certificate(pem).raw);
  const [keyId = ""] = (await renewalId(der))?.split(".") ?? [];
  const at = der.indexOf(Buffer.from(keyId, "base64url"));
  expect(at).toBeGreaterThan(0);
  der[at] = (der[at] ?? 0) ^ 0xff;
  return der;
}

function partOf({ parts }: Issued, name: string): string {
  return parts.get(name)?.reveal() ?? "";
}

function serialOf(issued: Issued): string {
  return new X509Certificate(partOf(issued, "certificate")).serialNumber.toLowerCase();
}
