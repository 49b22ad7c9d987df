import { createPrivateKey } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { instantOf } from "../../../core/model/instant.ts";
import { createCertificateAuthority } from "../../../testing/services/acme/authority.ts";
import { certificatesIn, lifetimeSeconds, readChain, renewalId, rootName, wrongWithChain } from "./chain.ts";
import { type CertificateKey, createCertificateKey, KEY_TYPES } from "./key-pair.ts";
import { loadX509 } from "./library.ts";
import { requestText, signingRequest } from "./signing-request.ts";

const NAMES = ["www.example.test", "*.example.test"];
const NOW = instantOf(Date.now() / 1000);
const HOUR = 3_600_000;
let key: CertificateKey;
let chains: readonly [string, string];

beforeAll(async () => {
  key = await createCertificateKey("ecdsa-p256");
  chains = await issued(key, NAMES);
});

async function issued(of: CertificateKey, names: readonly string[]): Promise<readonly [string, string]> {
  const { Pkcs10CertificateRequest } = await loadX509();
  const authority = await createCertificateAuthority("Test");
  const request = new Pkcs10CertificateRequest(await signingRequest(names, of));
  expect(await request.verify()).toBe(true);
  return (await authority.issue(request, new Date(Date.now() - HOUR), new Date(Date.now() + HOUR))).chains;
}

test.each(KEY_TYPES.filter((type) => type !== "rsa-4096"))(
  "a request with a key of the type %s is signed by it, and its certificate is for it",
  async (type) => {
    const own = await createCertificateKey(type);
    const [pem] = await issued(own, NAMES);
    const chain = await readChain(pem);
    expect(wrongWithChain(chain, { spki: own.spki, names: NAMES, now: NOW })).toBeUndefined();
    expect(createPrivateKey(own.pem.reveal()).asymmetricKeyType).toBe(type.startsWith("rsa") ? "rsa" : "ec");
  },
);

test("what must not be handed to consumers is told in words", async () => {
  const chain = await readChain(chains[0]);
  const wanted = { spki: key.spki, names: NAMES, now: NOW };
  expect(wrongWithChain(chain, wanted)).toBeUndefined();
  expect(
    wrongWithChain(chain, { ...wanted, names: NAMES.map((name) => name.toUpperCase()) }),
  ).toBeUndefined();
  expect(wrongWithChain(chain, { ...wanted, spki: "0".repeat(64) })).toContain("key");
  expect(wrongWithChain(chain, { ...wanted, names: [...NAMES, "shop.example.test"] })).toBe(
    "it lacks the names shop.example.test",
  );
  expect(wrongWithChain(chain, { ...wanted, names: NAMES.slice(0, 1) })).toContain(
    "*.example.test, which nobody ordered",
  );
  expect(wrongWithChain(chain, { ...wanted, now: instantOf(Date.now() / 1000 + 7200) })).toContain(
    "has ended on",
  );
  const [leaf, issuer] = certificatesIn(chains[0]);
  expect(wrongWithChain(await readChain(`${issuer}${leaf}`), { names: [], now: NOW })).toContain("authority");
  const [stranger] = certificatesIn((await issued(key, NAMES))[0]).slice(1);
  expect(wrongWithChain(await readChain(`${leaf}${stranger}`), wanted)).toContain("did not issue");
});

test("names count as what they mean, not as they are written", async () => {
  const chain = await readChain((await issued(key, ["2001:db8::1", "xn--bcher-kva.example"]))[0]);
  const names = ["2001:0DB8:0:0::1", "bücher.example"];
  expect(wrongWithChain(chain, { spki: key.spki, names, now: NOW })).toBeUndefined();
});

test("a request has names as certificates have them", async () => {
  const { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } = await loadX509();
  const request = new Pkcs10CertificateRequest(
    await signingRequest(["Bücher.example", "2001:0DB8:0:0::1", "10.0.0.1"], key),
  );
  const found = request.extensions.find((one) => one instanceof SubjectAlternativeNameExtension);
  expect(found?.names.toJSON()).toEqual([
    { type: "dns", value: "xn--bcher-kva.example" },
    { type: "ip", value: "2001:db8::1" },
    { type: "ip", value: "10.0.0.1" },
  ]);
});

test("the root that a chain leads to is its last issuer's, and its lifetime that of the leaf", async () => {
  expect(await Promise.all(chains.map(async (pem) => rootName(await readChain(pem))))).toEqual([
    "Test Root 1",
    "Test Root 2",
  ]);
  expect(lifetimeSeconds((await readChain(chains[0])).leaf.facts)).toBe(7200);
});

test("a certificate has the id of RFC 9773: the issuer's key and the serial as it is encoded, a leading zero kept", async () => {
  const { X509CertificateGenerator, AuthorityKeyIdentifierExtension } = await loadX509();
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const made = await X509CertificateGenerator.create({
    serialNumber: "0087654321",
    subject: "CN=example",
    issuer: "CN=issuer",
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    extensions: [new AuthorityKeyIdentifierExtension("69885b6b87464041e1b37b847ba0ae2cde01c8d4")],
  });
  // The example of RFC 9773 4.1.
  expect(await renewalId(new Uint8Array(made.rawData))).toBe("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
});

test("a text without certificates, or with more than any CA sends, is no chain", async () => {
  await expect(readChain("nothing")).rejects.toThrow("no certificate");
  await expect(readChain(chains[0].repeat(11))).rejects.toThrow("22 certificates");
  await expect(readChain("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")).rejects.toThrow(
    /asn|PEM|parse|schema|wrong|error/i,
  );
  expect(certificatesIn(chains[0].replaceAll("\n", "\r\n"))).toEqual(certificatesIn(chains[0]));
});

test("a request is one PEM block", async () => {
  expect(requestText(await signingRequest(NAMES, key))).toMatch(
    /^-----BEGIN CERTIFICATE REQUEST-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END/,
  );
});
