import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AcmeStandIn, startAcmeStandIn } from "../../../testing/services/acme/stand-in.ts";
import { bindAcme, NAMES, order } from "../../../testing/suites/acme-bench.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";

const { signal } = new AbortController();
let ca: AcmeStandIn;
beforeEach(async () => {
  ca = await startAcmeStandIn();
});
afterEach(async () => ca.stop());

const json = (value: unknown) => ({ status: 200, type: "application/json", body: JSON.stringify(value) });
const outage = { status: 502, type: "text/html", body: "<html>" };

describe("what a CA asks to be put somewhere", () => {
  const [name = ""] = NAMES;
  test.each([
    ["a token that leads out of its folder", name, "../../index.html"],
    ["a token with a quote", name, '"; rm -rf /; "'],
    ["an endless token", name, "t".repeat(5_000)],
    ["a name that nobody ordered", "admin.example.test", "token"],
  ])("%s goes nowhere", async (_, value, token) => {
    const rotator = await bindAcme(ca);
    const reference = await rotator.request?.(markOf("a1"), undefined, signal);
    const challenges = [{ type: "http-01", status: "pending", token, url: ca.directory }];
    ca.intercept((what) =>
      what === "authz"
        ? json({ identifier: { type: "dns", value }, status: "pending", challenges })
        : undefined,
    );
    await expect(rotator.issue?.(markOf("a1"), [], signal, reference)).rejects.toMatchObject({
      code: "acme-answer-malformed",
      outcome: "refused",
      retryable: false,
    });
  });
});

describe("what goes wrong after the request was handed in costs no second order", () => {
  test.each([
    ["the answer to it is lost", "finalize"],
    ["the certificate cannot be had at first", "cert"],
    ["the order cannot be looked at for a while", "order"],
  ])("%s", async (_, what) => {
    ca.intercept((asked) => {
      if (asked === "finalize") ca.lose(what, 2);
      return undefined;
    });
    const issued = await order(await bindAcme(ca), markOf("a1"), signal);
    expect(issued.parts.get("privateKey")).toBeDefined();
    expect(ca.desk.orders).toHaveLength(1);
    expect(ca.requests.filter((one) => one === "POST finalize")).toHaveLength(1);
  });

  test("a CA that stays out is given up in time", async () => {
    ca.intercept((what) => (what === "cert" ? outage : undefined));
    await expect(order(await bindAcme(ca), markOf("a1"), signal)).rejects.toMatchObject({
      code: "acme-failed",
      outcome: "unknown",
    });
    expect(ca.requests.filter((one) => one === "POST cert").length).toBeLessThan(10);
  });
});

test("what a CA issues wrongly once is not ordered again and again", async () => {
  const other = await order(
    await bindAcme(ca, { provider: { names: ["other.example.test"] } }),
    markOf("o1"),
    signal,
  );
  const body = other.parts.get("fullchain")?.reveal() ?? "";
  ca.intercept((what) =>
    what === "cert" ? { status: 200, type: "application/pem-certificate-chain", body } : undefined,
  );
  await expect(order(await bindAcme(ca), markOf("a1"), signal)).rejects.toMatchObject({
    code: "acme-certificate-wrong",
    outcome: "unknown",
    retryable: false,
  });
});

test("an account key of a kind that ACME clients cannot sign with is told as that", async () => {
  for (const type of ["ed25519", "x25519"] as const) {
    const { privateKey } = generateKeyPairSync(type as "ed25519");
    const accountKey = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    const rotator = await bindAcme(ca, { accountKey });
    await expect(rotator.preflight(signal)).rejects.toMatchObject({ code: "acme-account-key" });
  }
});
