import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseInstant } from "../../core/model/instant.ts";
import type { Issued } from "../../core/ports/rotator.ts";
import type { AcmeService } from "../services/acme/acme-service.ts";
import { type AcmeOptions, accountKey, bindAcme, factOf, NAMES, order } from "./acme-bench.ts";
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
  });
}

function partOf({ parts }: Issued, name: string): string {
  return parts.get(name)?.reveal() ?? "";
}

function serialOf(issued: Issued): string {
  return new X509Certificate(partOf(issued, "certificate")).serialNumber.toLowerCase();
}
