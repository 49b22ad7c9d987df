import { createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { Secret } from "../../../core/model/secret.ts";
import { scramVerifier } from "./scram.ts";

// RFC 7677, section 3.
const PASSWORD = new Secret("pencil");
const SALT = "W22ZaJ0SNY7soEsUEjb6gQ==";
const AUTH_MESSAGE =
  "n=user,r=rOprNGfwEbeRWgbNEkqO," +
  "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," +
  "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const CLIENT_PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const SERVER_SIGNATURE = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

test("the verifier agrees with the exchange that RFC 7677 prints", async () => {
  const verifier = (await scramVerifier(PASSWORD, Buffer.from(SALT, "base64"), 4096)).reveal();
  const [, head, keys = ""] = /^SCRAM-SHA-256\$(4096:[^$]+)\$(.+)$/.exec(verifier) ?? [];
  expect(head).toBe(`4096:${SALT}`);
  const [storedKey = "", serverKey = ""] = keys.split(":").map((key) => Buffer.from(key, "base64"));

  const serverSignature = createHmac("sha256", serverKey).update(AUTH_MESSAGE).digest("base64");
  expect(serverSignature).toBe(SERVER_SIGNATURE);
  const clientSignature = createHmac("sha256", storedKey).update(AUTH_MESSAGE).digest();
  const clientKey = Buffer.from(CLIENT_PROOF, "base64").map((byte, at) => byte ^ (clientSignature[at] ?? 0));
  expect(createHash("sha256").update(clientKey).digest()).toEqual(storedKey);
});

test("the same password, salt and count give the same bytes, another salt does not", async () => {
  const salt = Buffer.alloc(16, 7);
  const once = (await scramVerifier(PASSWORD, salt, 4096)).reveal();
  expect((await scramVerifier(PASSWORD, salt, 4096)).reveal()).toBe(once);
  expect((await scramVerifier(PASSWORD, Buffer.alloc(16, 8), 4096)).reveal()).not.toBe(once);
  expect((await scramVerifier(PASSWORD, salt, 4097)).reveal()).not.toBe(once);
});

test("text that SASLprep would change is no password of ours", async () => {
  await expect(scramVerifier(new Secret("pa\u00A0ss"), Buffer.alloc(16))).rejects.toThrow("printable ASCII");
});
