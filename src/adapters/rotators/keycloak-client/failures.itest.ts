import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import { instantOf } from "../../../core/model/instant.ts";
import type { BoundRotator, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import {
  bindKeycloak,
  createOrders,
  type KeycloakOrders,
} from "../../../testing/services/keycloak/keycloak-orders.ts";
import type { KeycloakRealm } from "../../../testing/services/keycloak/keycloak-server.ts";
import {
  type KeycloakFault,
  type KeycloakStandIn,
  startKeycloakStandIn,
} from "../../../testing/services/keycloak/stand-in.ts";
import { expectNone } from "../../../testing/suites/overlap-bench.ts";

let service: KeycloakStandIn;
let realm: KeycloakRealm;
let now = Math.floor(Date.now() / 1000);
const clock = { now: () => instantOf(now) };
beforeAll(async () => {
  service = await startKeycloakStandIn({ clock: () => now * 1000 });
  realm = await service.addRealm("shop");
});
afterAll(async () => service?.close());
beforeEach(async () => {
  service.listen(undefined);
  await realm.grant(["manage-clients"]);
  await realm.policy({ expiration: 31_536_000, rotatedExpiration: 5_184_000 });
});

const MARK: Mark = { rotation: "r1", attempt: "a0", epoch: 1 };
const soon = (): AbortSignal => AbortSignal.timeout(20_000);

interface Adopted {
  readonly orders: KeycloakOrders;
  readonly rotator: BoundRotator;
  readonly version: ObservedVersion;
}

async function adopted(client: Readonly<Record<string, unknown>> = {}): Promise<Adopted> {
  const orders = await createOrders(service, realm, { clock, client });
  const rotator = await orders.bind();
  const [seen] = await rotator.observe(soon());
  if (seen === undefined) throw new Error("a client without a secret");
  await rotator.adopt(seen, MARK, soon());
  return { orders, rotator, version: { ...seen, mark: MARK } };
}

async function failure(of: Promise<unknown> | undefined): Promise<CreError> {
  const error = await (of ?? Promise.resolve()).then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CreError);
  // `as`: asserted just before.
  return error as CreError;
}

/** What the rotator is asked for, as the engine does. */
const OPERATIONS = {
  observe: ({ rotator }: Adopted) => rotator.observe(soon()),
  preflight: ({ rotator }: Adopted) => rotator.preflight(soon()),
  issue: ({ rotator, version }: Adopted) =>
    rotator.issue?.({ ...MARK, attempt: "a1", epoch: 2 }, [version], soon()),
  deactivate: ({ rotator, version }: Adopted) =>
    rotator.deactivate?.(version, { expected: MARK, next: { ...MARK, epoch: 2 } }, soon()),
  revoke: ({ rotator, version }: Adopted) =>
    rotator.revoke(version, { expected: MARK, next: { ...MARK, epoch: 2 } }, soon()),
} as const;
const ALL = Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[];
const EFFECTS = ["issue", "deactivate", "revoke"] as const;

function answerTo(operation: string, fault: KeycloakFault, side: "before" | "after" = "before"): void {
  service.listen((call, at) => (call.operation === operation && at === side ? fault : undefined));
}

async function secretsOf({ orders }: Adopted): Promise<readonly string[]> {
  const { secret, attributes } = await orders.show();
  return [secret, attributes["client.secret.rotated"] ?? secret, realm.runner.secret];
}

describe.each(ALL)("%s", (operation) => {
  const run = OPERATIONS[operation];
  const isEffect = EFFECTS.some((effect) => effect === operation);

  test.each<[string, string, KeycloakFault, string]>([
    [
      "a realm that is not there",
      "GET clients",
      { status: 404, body: '{"error":"Realm not found."}' },
      "realm-missing",
    ],
    [
      "a right that is missing",
      "GET clients",
      { status: 403, body: '{"error":"HTTP 403 Forbidden"}' },
      "permission-missing",
    ],
    ["too many requests", "GET clients", { status: 429 }, "throttled"],
    ["a server that is down", "GET clients", { status: 503, body: "<html>down</html>" }, "keycloak-failed"],
    [
      "a login page",
      "GET clients",
      { status: 302, headers: { Location: "https://login.example" } },
      "redirect",
    ],
    ["HTML in place of JSON", "GET clients", { status: 200, body: "<html>welcome</html>" }, "malformed"],
    ["an object in place of a list", "GET clients", { status: 200, body: "{}" }, "malformed"],
    [
      "another client than asked for",
      "GET clients",
      { status: 200, body: '[{"id":"x","clientId":"y"}]' },
      "malformed",
    ],
    ["another server", "GET clients", { status: 404, body: "nginx" }, "not-keycloak"],
    ["an answer that is cut off", "GET clients", "lost", "no-answer"],
    [
      "a login that is refused",
      "POST token",
      { status: 401, body: '{"error":"invalid_client"}' },
      "login-refused",
    ],
    ["a login realm that is not there", "POST token", { status: 404 }, "realm-missing"],
    ["logins that are too many", "POST token", { status: 429 }, "throttled"],
    ["a login endpoint that is down", "POST token", { status: 502, body: "<html/>" }, "login-unanswered"],
    ["a login without an answer", "POST token", "lost", "login-unanswered"],
    [
      "a token that no header may carry",
      "POST token",
      { status: 200, body: '{"access_token":"a\\nb","token_type":"Bearer"}' },
      "login-unanswered",
    ],
  ])("%s is told plainly, changed nothing, and quotes nothing", async (_, request, fault, code) => {
    const life = await adopted();
    const before = await life.orders.show();
    life.rotator.close().catch(() => undefined);
    answerTo(request, fault);
    const error = await failure(run(life));
    service.listen(undefined);
    expect(error).toMatchObject({ code, ...(isEffect ? { outcome: "refused" } : {}) });
    expect(error instanceof EffectError).toBe(isEffect);
    expect(error.fix).toBeTruthy();
    expectNone(error, await secretsOf(life));
    expect(await life.orders.show()).toEqual(before);
  });
});

describe.each(EFFECTS)("the change of %s", (operation) => {
  const run = OPERATIONS[operation];
  test.each<[string, KeycloakFault, "before" | "after", string]>([
    ["503 before it", { status: 503 }, "before", "unknown"],
    ["503 after it", { status: 503 }, "after", "unknown"],
    ["429", { status: 429 }, "before", "unknown"],
    ["409", { status: 409, body: '{"errorMessage":"busy"}' }, "before", "unknown"],
    ["a redirect", { status: 307, headers: { Location: "/" } }, "before", "unknown"],
    ["a cut connection before it", "lost", "before", "unknown"],
    ["a cut connection after it", "lost", "after", "unknown"],
    [
      "400",
      { status: 400, body: '{"error":"invalid_request","error_description":"no"}' },
      "before",
      "refused",
    ],
    ["403", { status: 403 }, "before", "refused"],
  ])("answered with %s is %s", async (_, fault, side, outcome) => {
    const life = await adopted();
    answerTo("PUT client", fault, side);
    const error = await failure(run(life));
    service.listen(undefined);
    expect(error).toMatchObject({ outcome });
    expectNone(error, await secretsOf(life));
  });

  test("stays unknown where the runner's own secret cannot be read any more", async () => {
    const { orders, version } = await adopted();
    let isGone = false;
    const onSecret = (): void => {
      if (isGone) throw new CreError("secret-missing", "the file is not there");
    };
    const rotator = await orders.bind({ onSecret });
    await rotator.observe(soon());
    answerTo("PUT client", { status: 503 }, "after");
    isGone = true;
    const error = await failure(run({ orders, version, rotator }));
    service.listen(undefined);
    expect(error).toMatchObject({ code: "keycloak-failed", outcome: "unknown" });
  });

  test("that never comes ends with the caller's patience, as unknown", async () => {
    const life = await adopted();
    answerTo("PUT client", "hang");
    const limit = AbortSignal.timeout(200);
    const { rotator, version } = life;
    const next = { ...MARK, epoch: 2 };
    const calls = {
      issue: () => rotator.issue?.({ ...next, attempt: "a1" }, [version], limit),
      deactivate: () => rotator.deactivate?.(version, { expected: MARK, next }, limit),
      revoke: () => rotator.revoke(version, { expected: MARK, next }, limit),
    };
    expect(await failure(calls[operation]())).toMatchObject({ outcome: "unknown", code: "no-answer" });
  });
});

describe("words of the server", () => {
  test("are shown, unless they quote a secret that was sent", async () => {
    const life = await adopted();
    const quoting = (text: string): void => {
      answerTo("PUT client", { status: 400, body: JSON.stringify({ errorMessage: text }) });
    };
    quoting("policy «strict» refuses this");
    expect((await failure(OPERATIONS.deactivate(life))).evidence).toContain("refuses this");
    const { secret } = await life.orders.show();
    quoting(`bad value ${secret}`);
    const error = await failure(OPERATIONS.deactivate(life));
    expect(error.evidence).toContain("400");
    expectNone(error, await secretsOf(life));
    quoting(`bad login ${realm.runner.secret}`);
    expectNone(await failure(OPERATIONS.deactivate(life)), await secretsOf(life));
  });

  test.each(["id", "attributes", "access", "notBefore", "clientAuthenticatorType"])(
    "a client whose %s is of another kind is no reason to crash",
    async (field) => {
      const life = await adopted();
      const shown = await life.orders.show();
      const secrets = await secretsOf(life);
      for (const value of [null, 1, [], {}, "../../x", true]) {
        answerTo("GET clients", { status: 200, body: JSON.stringify([{ ...shown, [field]: value }]) });
        const said = await life.rotator.observe(soon()).catch((error: unknown) => error);
        expect(said instanceof CreError || Array.isArray(said)).toBe(true);
        expectNone(said, secrets);
      }
    },
  );
});

describe("the runner's token", () => {
  test("is asked for once and used until shortly before its end, and again when Keycloak takes it no more", async () => {
    const { rotator, orders } = await adopted();
    const calls: string[] = [];
    let revoked = false;
    service.listen(({ operation, as }, side) => {
      if (side === "before") calls.push(operation);
      const isOwn = as?.endsWith(realm.runner.clientId) === true;
      if (operation !== "GET clients" || !isOwn || revoked) return undefined;
      revoked = true;
      return { status: 401, body: '{"error":"HTTP 401 Unauthorized"}' };
    });
    await rotator.observe(soon());
    expect(calls).toEqual(["GET clients", "POST token", "GET clients"]);
    calls.length = 0;
    now += 30;
    await rotator.observe(soon());
    expect(calls).toEqual(["GET clients"]);
    calls.length = 0;
    now += 20;
    await rotator.observe(soon());
    expect(calls).toEqual(["POST token", "GET clients"]);
    expect(orders.clientId).not.toBe("");
  });

  test("that runs out in the middle of an effect is renewed before the change", async () => {
    const { rotator, orders, version } = await adopted();
    service.listen(({ operation }, side) => {
      if (operation === "GET clients" && side === "after") now += 120;
      return undefined;
    });
    await rotator.issue?.({ ...MARK, attempt: "a1", epoch: 2 }, [version], soon());
    expect((await orders.show()).attributes["cre.current"]).toContain("attempt=a1");
  });

  test("refused for good is a refusal of the login", async () => {
    const { rotator } = await adopted();
    answerTo("GET clients", { status: 401, body: '{"error":"HTTP 401 Unauthorized"}' });
    expect((await failure(rotator.observe(soon()))).code).toBe("login-refused");
  });
});

describe("preflight refuses", () => {
  const preflightOf = async (client: Readonly<Record<string, unknown>>): Promise<CreError> => {
    const orders = await createOrders(service, realm, { clock, client });
    return failure((await orders.bind()).preflight(soon()));
  };

  test("a client id that the realm does not have, which may be Keycloak's own id", async () => {
    const { orders } = await adopted();
    const error = await failure((await bindKeycloak(service, realm, orders.id, { clock })).preflight(soon()));
    expect(error.code).toBe("client-missing");
    expect(error.fix).toContain("Client ID");
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["a public client", { publicClient: true }, "client-unfit"],
    ["a bearer-only client", { bearerOnly: true }, "client-unfit"],
    ["a client of SAML", { protocol: "saml" }, "client-unfit"],
    ["a client that signs its logins", { clientAuthenticatorType: "client-jwt" }, "client-unfit"],
    ["a client that is disabled", { enabled: false }, "client-disabled"],
    ["a secret in the vault", { secret: `\${vault.orders}` }, "vault-secret"],
    ["a secret that is masked", { secret: "**********" }, "permission-missing"],
  ])("%s", async (_, client, code) => {
    expect((await preflightOf(client)).code).toBe(code);
  });

  test("a runner that may look and not change", async () => {
    const { rotator } = await adopted();
    await realm.grant(["view-clients"]);
    const error = await failure(rotator.preflight(soon()));
    expect(error.code).toBe("permission-missing");
    expect(error.evidence).toContain("manage: false");
  });

  test("the runner's own client", async () => {
    const rotator = await bindKeycloak(service, realm, realm.runner.clientId, { clock });
    expect((await failure(rotator.preflight(soon()))).code).toBe("own-login");
  });

  test("a policy that wants the former secret gone sooner, with what to write, if the runner may read it", async () => {
    const { orders } = await adopted();
    await realm.policy({ expiration: 400_000, rotatedExpiration: 172_800 });
    await (await orders.bind()).preflight(soon());
    await realm.grant(["manage-clients", "view-realm"]);
    const error = await failure((await orders.bind()).preflight(soon()));
    await (await orders.bind({ oldLives: "48h" })).preflight(soon());
    expect(error).toMatchObject({ code: "old-lives-too-long" });
    expect(error.fix).toContain("oldLives: 48h");
  });

  test("a client that does not let the runner sign in", async () => {
    const { rotator, orders } = await adopted();
    service.listen(({ operation, as }) =>
      operation === "POST token" && as === orders.clientId
        ? { status: 400, body: '{"error":"invalid_request","error_description":"certificate required"}' }
        : undefined,
    );
    const error = await failure(rotator.preflight(soon()));
    expect(error.code).toBe("sign-in-refused");
    expect(error.evidence).toContain("certificate required");
  });

  test.each(["http://sso.example.com", "https://user:pass@sso.example.com", "nonsense"])(
    "the address %s",
    async (url) => {
      const error = await failure(bindKeycloak(service, realm, "orders", { connection: { url } }));
      expect(error.code).toBe("keycloak-url");
      expect(error.describe()).not.toContain("pass@");
    },
  );

  test("a server that nobody reaches", async () => {
    const away = await bindKeycloak({ url: "http://127.0.0.1:9" }, realm, "orders", { clock });
    expect((await failure(away.preflight(soon()))).code).toBe("unreachable");
  });
});
