import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { isNamed } from "../../../core/certificates/server-name.ts";
import { forge, type Wish } from "../../../testing/services/tls/certificate-forge.ts";
import { loadX509 } from "../x509/library.ts";
import { certificateFacts } from "./certificate.ts";

const WISHES: readonly Wish[] = [
  { cn: "plain" },
  { cn: "authority", ca: true },
  { cn: 'Ünï, "quoted" + more', names: ["Www.Example.COM", "*.example.com"] },
  { cn: "addresses", names: ["192.0.2.7", "::1"] },
  { cn: "rsa", key: "rsa-2048", hash: "sha1" },
  { cn: "small", key: "rsa-1024" },
  { cn: "edwards", key: "ed25519" },
  { cn: "old", key: "rsa-2048", hash: "md5" },
  { cn: "negative", serial: Buffer.from([0xff, 0x01]) },
  { cn: "zeros", serial: Buffer.from([0x00, 0x80, 0x00]) },
  { cn: "far", notAfter: "9999-12-31T23:59:59Z" },
  { cn: "past", from: -30_000, notAfter: "1951-01-01T00:00:00Z" },
  { cn: "padded", padding: 70_000 },
  { cn: "more", ocsp: "http://a/", caIssuers: "http://b/", crl: "http://c/", signsOcsp: true },
];

test.for(WISHES)("the facts of $cn are those that a whole library reads", async (wish) => {
  const { der, pem } = forge(wish);
  const x509 = await loadX509();
  const parsed = new x509.X509Certificate(der);
  const names = parsed.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
  const facts = await certificateFacts(der);
  expect(await certificateFacts(pem)).toEqual(facts);
  expect(facts).toMatchObject({
    serial: parsed.serialNumber.replace(/^(00)+(?=.)/, ""),
    notBefore: parsed.notBefore.toISOString().replace(/\.\d{3}Z/, "Z"),
    notAfter: parsed.notAfter.toISOString().replace(/\.\d{3}Z/, "Z"),
    names: names.map(({ value }) => value.toLowerCase()),
    isAuthority: parsed.getExtension(x509.BasicConstraintsExtension)?.ca === true,
    fingerprint: Buffer.from(await parsed.getThumbprint("SHA-256")).toString("hex"),
    spki: Buffer.from(await parsed.publicKey.getThumbprint("SHA-256")).toString("hex"),
  });
  expect(facts.subject).toContain("CN=");
  expect(facts.signature).toBe(wish.hash === "md5" ? "RSASSA-PKCS1-v1_5 with MD5" : signatureIn(parsed));
});

function signatureIn({ signatureAlgorithm }: { readonly signatureAlgorithm: unknown }): string {
  const { name, hash } = signatureAlgorithm as { name: string; hash?: { name: string } };
  return hash === undefined ? name : `${name} with ${hash.name}`;
}

test("an address that stands there as a name is none: no client takes it for one", async () => {
  const { names } = await certificateFacts(forge({ cn: "old", names: ["DNS:10.0.0.1", "10.0.0.2"] }).der);
  expect(names).toEqual(["DNS:10.0.0.1", "10.0.0.2"]);
  expect([isNamed(names, "10.0.0.1"), isNamed(names, "10.0.0.2")]).toEqual([false, true]);
});

test.each(["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])(
  "%j is no certificate",
  async (text) => {
    await expect(certificateFacts(text)).rejects.toThrow(/./);
  },
);

test("bytes that are something else are no certificate", async () => {
  const { publicKey } = generateKeyPairSync("ed25519");
  await expect(certificateFacts(publicKey.export({ type: "spki", format: "der" }))).rejects.toThrow(/./);
});
