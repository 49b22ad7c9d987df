import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import { addTo, epochSeconds, instantOf } from "../../../core/model/instant.ts";
import type { BoundRotator, Fence, Issued, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import {
  createOrders,
  type KeycloakOrders,
  type OrdersOptions,
  secretIn,
} from "../../../testing/services/keycloak/keycloak-orders.ts";
import type { KeycloakRealm } from "../../../testing/services/keycloak/keycloak-server.ts";
import { type KeycloakStandIn, startKeycloakStandIn } from "../../../testing/services/keycloak/stand-in.ts";

const DAY = 86_400;
const POLICY = { expiration: 500 * DAY, rotatedExpiration: 90 * DAY };
const { signal } = new AbortController();
let now = Math.floor(Date.now() / 1000);
const clock = { now: () => instantOf(now) };
let service: KeycloakStandIn;
let withoutFeature: KeycloakStandIn;
let realm: KeycloakRealm;
beforeAll(async () => {
  service = await startKeycloakStandIn({ clock: () => now * 1000 });
  withoutFeature = await startKeycloakStandIn({ clock: () => now * 1000, hasFeature: false });
  realm = await service.addRealm("shop");
});
beforeEach(async () => realm.policy(POLICY));
afterAll(async () => {
  await service?.close();
  await withoutFeature?.close();
});

const markOf = (attempt: string, epoch: number): Mark => ({ rotation: "r1", attempt, epoch });
const fenceOn = (version: ObservedVersion, epoch = 9): Fence => ({
  expected: version.mark,
  next: { ...(version.mark ?? markOf("x", epoch)), epoch },
});

interface Life {
  readonly orders: KeycloakOrders;
  readonly rotator: BoundRotator;
  readonly first: string;
  readonly observe: () => Promise<readonly ObservedVersion[]>;
  readonly only: (attempt: string) => Promise<ObservedVersion>;
  readonly issue: (attempt: string) => Promise<Issued>;
}

async function adopted(options: OrdersOptions = {}, where = { service, realm }): Promise<Life> {
  const orders = await createOrders(where.service, where.realm, { clock, ...options });
  const rotator = await orders.bind();
  const { secret: first } = await orders.show();
  const observe = async () => rotator.observe(signal);
  const [version] = await observe();
  if (version !== undefined) await rotator.adopt(version, markOf("a0", 1), signal);
  return {
    orders,
    rotator,
    first,
    observe,
    only: async (attempt) => {
      const found = (await observe()).filter(({ mark }) => mark?.attempt === attempt);
      expect(found).toHaveLength(1);
      return found[0] as ObservedVersion;
    },
    issue: async (attempt) => {
      // `issue`: a rotator of the recipe overlap has it.
      const issued = await rotator.issue?.(markOf(attempt, 2), await observe(), signal);
      if (issued === undefined) throw new Error("nothing was issued");
      return issued;
    },
  };
}

async function failure(of: Promise<unknown>): Promise<CreError> {
  const error = await of.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CreError);
  // `as`: asserted just before.
  return error as CreError;
}

describe("a new secret", () => {
  test("becomes the current one, and the former goes on beside it for as long as the document says", async () => {
    const { orders, first, issue, only } = await adopted({ oldLives: "10d" });
    const issued = await issue("a1");
    const { secret, attributes } = await orders.show();
    expect(secret).toBe(secretIn(issued.parts));
    expect(attributes["client.secret.rotated"]).toBe(first);
    expect((await only("a0")).expiresAt).toBe(instantOf(now + 10 * DAY));
    expect(await orders.logIn(first)).toBe(true);
    now += 10 * DAY + 1;
    expect(await orders.logIn(first)).toBe(false);
    expect(await only("a0")).toMatchObject({ live: false, reactivatable: false });
  });

  test("has the end that the realm's policy gives it, and the former keeps its own if that is nearer", async () => {
    const { orders, issue, only } = await adopted();
    await orders.put({ attributes: { "client.secret.expiration.time": String(now + DAY) } });
    await realm.policy({ expiration: 100 * DAY, rotatedExpiration: 90 * DAY });
    const issued = await issue("a1");
    expect(issued.expiresAt).toBe(instantOf(now + 100 * DAY));
    expect((await only("a0")).expiresAt).toBe(instantOf(now + DAY));
  });

  test("without a policy in force nothing changes for the consumers, and the fix says what to set up", async () => {
    const { orders, first, issue, observe } = await adopted();
    await realm.policy(undefined);
    const error = await failure(issue("a1"));
    expect(error).toMatchObject({ code: "rotation-off", outcome: "refused", retryable: false });
    expect(error.fix).toContain("executor secret-rotation");
    expect(await orders.logIn(first)).toBe(true);
    expect(await observe()).toHaveLength(1);
  });

  test("where the feature is off nothing changes for the consumers, and the fix names it", async () => {
    const where = { service: withoutFeature, realm: await withoutFeature.addRealm("shop") };
    const { orders, first, issue, observe } = await adopted({}, where);
    const before = await orders.show();
    const error = await failure(issue("a1"));
    expect(error).toMatchObject({ code: "rotation-off", outcome: "refused", retryable: false });
    expect(error.fix).toContain("--features=client-secret-rotation");
    expect(await orders.show()).toEqual(before);
    expect(await orders.logIn(first)).toBe(true);
    expect(await observe()).toHaveLength(1);
  });

  test("is proven at the introspection endpoint for a client that gets no token of its own", async () => {
    const client = { serviceAccountsEnabled: false, standardFlowEnabled: true };
    const { rotator, issue } = await adopted({ client });
    await rotator.preflight(signal);
    const issued = await issue("a1");
    await rotator.verify(issued, signal);
    const wrong = {
      ...issued,
      parts: new Map(issued.parts).set("clientSecret", issued.parts.get("clientId")!),
    };
    expect((await failure(rotator.verify(wrong, signal))).code).toBe("not-usable");
  });

  test("the verification asks for the former one, too, and says so where that is locked out", async () => {
    const { orders, rotator, issue } = await adopted();
    const issued = await issue("a1");
    // As it looks from here when the clocks differ: Keycloak takes it for over, the runner does not.
    const behind = await orders.bind({ clock: { now: () => instantOf(now - 60 * DAY) } });
    await orders.put({ attributes: { "client.secret.rotated.expiration.time": String(now - DAY) } });
    expect((await failure(behind.verify(issued, signal))).code).toBe("old-refused");
    await rotator.verify(issued, signal);
  });

  test("every other setting stays, the authorization settings among them", async () => {
    const client = {
      authorizationServicesEnabled: true,
      redirectUris: ["https://a.example/*"],
      attributes: { team: "payments" },
    };
    const { orders, rotator, issue, only } = await adopted({ client });
    const settings = async () => {
      const { secret: _, attributes, ...fields } = await orders.show();
      return { fields, team: attributes["team"] };
    };
    const before = await settings();
    await issue("a1");
    await rotator.deactivate?.(await only("a0"), fenceOn(await only("a0")), signal);
    await rotator.revoke(await only("a0"), fenceOn(await only("a0")), signal);
    expect(await settings()).toEqual(before);
    expect(before.fields.authorizationServicesEnabled).toBe(true);
  });
});

describe("an orphan", () => {
  test("that was made the current one is taken back: the former is as it was, and its consumers notice nothing", async () => {
    const { orders, rotator, first, observe, only, issue } = await adopted();
    const before = await observe();
    const shown = await orders.show();
    now += DAY;
    await issue("a1");
    const next = await orders.bind();
    await next.revoke(await only("a1"), fenceOn(await only("a1")), signal);
    expect(await observe()).toEqual(before);
    const after = await orders.show();
    expect(after.secret).toBe(first);
    expect(after.attributes["client.secret.rotated"]).toBeUndefined();
    for (const dated of ["client.secret.creation.time", "client.secret.expiration.time"]) {
      expect(after.attributes[dated]).toBe(shown.attributes[dated]);
    }
    await rotator.preflight(signal);
  });

  test("that was only being tried goes, and by itself after ten minutes", async () => {
    const { orders, rotator, first, observe, only } = await adopted();
    const before = await observe();
    let writes = 0;
    service.listen(({ operation }) => {
      writes += operation === "PUT client" ? 1 : 0;
      return writes === 2 ? { status: 503 } : undefined;
    });
    const error = await failure(rotator.issue?.(markOf("a1", 2), before, signal) ?? Promise.resolve());
    service.listen(undefined);
    expect(error).toMatchObject({ outcome: "unknown" });
    expect((await orders.show()).secret).toBe(first);
    const orphan = await only("a1");
    expect(orphan.expiresAt).toBe(instantOf(now + 600));
    await rotator.revoke(orphan, fenceOn(orphan), signal);
    expect(await observe()).toEqual(before);
  });

  test("whose former secret is over is replaced by a secret that nobody has, and the next one is made in its place", async () => {
    const { orders, rotator, first, observe, only, issue } = await adopted({ oldLives: "1d" });
    const issued = await issue("a1");
    now += 2 * DAY;
    await rotator.revoke(await only("a1"), fenceOn(await only("a1")), signal);
    expect(await orders.logIn(first)).toBe(false);
    expect(await orders.logIn(secretIn(issued.parts))).toBe(false);
    expect(await observe()).toEqual([]);
    const next = await issue("a2");
    await rotator.verify(next, signal);
    expect(await observe()).toHaveLength(1);
  });
});

describe("somebody else", () => {
  test("who regenerates the secret twice leaves one that is nobody's, and nothing is made beside it", async () => {
    const { orders, rotator, first, observe, issue } = await adopted();
    const [own] = await observe();
    await orders.regenerate();
    expect((await observe()).map(({ mark }) => mark?.attempt)).toEqual([undefined, "a0"]);
    const early = await failure(rotator.preflight(signal));
    expect(early.code).toBe("slot-taken");
    expect(early.evidence).toContain(own?.handle);
    await orders.regenerate();
    expect((await observe()).map(({ mark }) => mark)).toEqual([undefined, undefined]);
    expect(await orders.logIn(first)).toBe(false);
    expect(await failure(issue("a1"))).toMatchObject({ code: "slot-taken", retryable: false });
  });

  test("who writes a secret of their own over ours, as Terraform does, is noticed: the note is about another one", async () => {
    const { orders, observe, only, issue } = await adopted();
    await issue("a1");
    await orders.put({ secret: "a-secret-that-terraform-keeps-in-its-state" });
    const versions = await observe();
    expect(versions.map(({ mark }) => mark?.attempt)).toEqual([undefined, "a0"]);
    expect((await only("a0")).live).toBe(true);
  });

  test("who replaces the adopted secret leaves a version of another name, though Keycloak dates it alike", async () => {
    const { orders, observe } = await adopted();
    const [before] = await observe();
    await orders.put({ secret: "a-secret-that-terraform-keeps-in-its-state" });
    const [after, ...others] = await observe();
    expect(others).toEqual([]);
    expect(after).toMatchObject({ live: true, createdAt: before?.createdAt });
    expect(after?.mark).toBeUndefined();
    expect(after?.handle).not.toBe(before?.handle);
  });

  test("who writes the former secret back makes it the current one again, once", async () => {
    const { orders, rotator, first, observe, issue } = await adopted();
    const before = await observe();
    await issue("a1");
    await orders.put({ secret: first });
    expect((await observe()).map(({ handle, mark }) => [handle, mark?.attempt])).toEqual([
      [before[0]?.handle, "a0"],
    ]);
    await rotator.preflight(signal);
  });

  test("who changes it between our two requests is not overruled", async () => {
    const { orders, rotator, observe } = await adopted();
    let tokens = 0;
    let changed: Promise<unknown> | undefined;
    service.listen(({ operation, as }) => {
      tokens += operation === "POST token" && as === orders.clientId ? 1 : 0;
      if (tokens === 1) changed ??= orders.put({ secret: "somebody-elses-own-secret" });
      return undefined;
    });
    const versions = await observe();
    const pausing = await orders.bind({ onPause: () => undefined });
    const issuing = pausing.issue?.(markOf("a1", 2), versions, signal);
    const error = await failure(issuing ?? Promise.resolve());
    service.listen(undefined);
    await changed;
    expect(error).toMatchObject({ outcome: "unknown", code: "changed-meanwhile" });
    expect((await orders.show()).secret).toBe("somebody-elses-own-secret");
    expect(rotator.identity).toContain(orders.clientId);
  });
});

describe("the end of a secret", () => {
  test("a deactivated one keeps its own end, and past that cannot come back", async () => {
    const { orders, rotator, first, only, issue } = await adopted({ oldLives: "10d" });
    await issue("a1");
    await rotator.deactivate?.(await only("a0"), fenceOn(await only("a0")), signal);
    expect(await orders.logIn(first)).toBe(false);
    const asleep = await only("a0");
    expect(asleep).toMatchObject({ live: false, reactivatable: true, expiresAt: instantOf(now + 10 * DAY) });
    await rotator.reactivate?.(asleep, fenceOn(asleep), signal);
    expect(await orders.logIn(first)).toBe(true);
    await rotator.deactivate?.(await only("a0"), fenceOn(await only("a0")), signal);
    now += 11 * DAY;
    expect((await only("a0")).reactivatable).toBe(false);
    const error = await failure(rotator.reactivate?.(asleep, fenceOn(asleep), signal) ?? Promise.resolve());
    expect(error).toMatchObject({ code: "past-end", outcome: "refused" });
  });

  test("a retired one gives way to one that nobody has, comes back as it was, and goes", async () => {
    const { orders, rotator, first, observe, only } = await adopted();
    await rotator.deactivate?.(await only("a0"), fenceOn(await only("a0")), signal);
    expect(await orders.logIn(first)).toBe(false);
    await rotator.reactivate?.(await only("a0"), fenceOn(await only("a0")), signal);
    expect(await orders.logIn(first)).toBe(true);
    expect((await orders.show()).attributes["client.secret.rotated"]).toBeUndefined();
    await rotator.deactivate?.(await only("a0"), fenceOn(await only("a0")), signal);
    await rotator.revoke(await only("a0"), fenceOn(await only("a0")), signal);
    expect(await observe()).toEqual([]);
    expect(await orders.logIn(first)).toBe(false);
  });

  test("nothing is changed while the current secret is over: Keycloak would make another one by itself", async () => {
    await realm.policy({ expiration: DAY, rotatedExpiration: DAY });
    const { orders, rotator, only, issue } = await adopted({ oldLives: "20h" });
    const issued = await issue("a1");
    now += DAY + 5;
    const former = await only("a0");
    const before = await orders.show();
    expect(await failure(rotator.revoke(former, fenceOn(former), signal))).toMatchObject({
      code: "current-ended",
      outcome: "refused",
    });
    expect(await orders.show()).toEqual(before);
    expect(await orders.logIn(secretIn(issued.parts))).toBe(false);
    const next = await issue("a2");
    await rotator.verify(next, signal);
    expect((await orders.show()).secret).toBe(secretIn(next.parts));
  });
});

describe("after an incident", () => {
  test("tokens from before are refused from then on, once, and the rest is said until it is over", async () => {
    const { orders, rotator, only, issue } = await adopted();
    await issue("a1");
    const burnt = await only("a0");
    await rotator.revoke(burnt, fenceOn(burnt), signal);
    const since = addTo(clock.now(), -3600);
    const at = now;
    const evidence = await rotator.contain?.(burnt, since, signal);
    expect(evidence?.map(({ dead }) => dead)).toEqual([true, true, false]);
    expect(evidence?.[2]?.detail).toContain(instantOf(at + 60));
    expect((await orders.show()).notBefore).toBe(at);
    now += 120;
    const later = await rotator.contain?.(burnt, since, signal);
    expect(later?.map(({ dead }) => dead)).toEqual([true, true, true]);
    expect((await orders.show()).notBefore).toBe(at);
    expect(epochSeconds(since)).toBeLessThan(at);
  });

  test.each([-90, 90])("tokens are refused by Keycloak's clock where ours is %d s ahead", async (ahead) => {
    const ours = { now: () => instantOf(now + ahead) };
    const { orders, rotator, only, issue } = await adopted({ clock: ours });
    await issue("a1");
    const burnt = await only("a0");
    await rotator.revoke(burnt, fenceOn(burnt), signal);
    const at = now;
    await rotator.contain?.(burnt, addTo(ours.now(), -60), signal);
    expect((await orders.show()).notBefore).toBe(at);
    now += 10;
    await rotator.contain?.(burnt, addTo(ours.now(), -70), signal);
    expect((await orders.show()).notBefore).toBe(at);
  });

  test("a secret that is still taken is said to be", async () => {
    const { rotator, only } = await adopted();
    const evidence = await rotator.contain?.(await only("a0"), clock.now(), signal);
    expect(evidence?.[0]).toMatchObject({ dead: false, detail: "still taken" });
  });

  test("without the right to change the client it says what is missing", async () => {
    const { rotator, only } = await adopted();
    const version = await only("a0");
    await realm.grant(["view-clients"]);
    const evidence = await rotator.contain?.(version, clock.now(), signal);
    await realm.grant(["manage-clients"]);
    expect(evidence?.[1]?.dead).toBe(false);
    expect(evidence?.[1]?.detail).toContain("view and manage");
  });
});

test("an effect that fails says so as an effect", async () => {
  const { rotator, only } = await adopted();
  const version = await only("a0");
  const gone = { ...version, handle: "20200101T000000Z" };
  const error = await failure(rotator.deactivate?.(gone, fenceOn(version), signal) ?? Promise.resolve());
  expect(error).toBeInstanceOf(EffectError);
  expect(error).toMatchObject({ code: "version-gone", outcome: "refused", retryable: false });
});
