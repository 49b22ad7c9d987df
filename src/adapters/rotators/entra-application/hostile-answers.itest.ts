import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EffectError } from "../../../core/model/errors.ts";
import { instantOf } from "../../../core/model/instant.ts";
import { failureOf, useEntraBench } from "../../../testing/services/entra/entra-bench.ts";
import { fenceOn, markOf, soon } from "../../../testing/services/entra/entra-orders.ts";

const bench = useEntraBench();

type Fields = Readonly<Record<string, unknown>>;

function altered(call: string, change: (body: Fields) => unknown): void {
  // `as`: Graph answers with objects.
  bench.service.alter = (asked, body) => (asked === call ? change(body as Fields) : body);
}

const credentials = ({ passwordCredentials }: Fields): readonly Fields[] =>
  // `as`: checked by the description.
  passwordCredentials as readonly Fields[];

const STRANGE: readonly (readonly [says: string, change: (body: Fields) => unknown])[] = [
  ["is about another application", (body) => ({ ...body, appId: "00000000-0000-4000-8000-000000000000" })],
  ["has no list of client secrets", (body) => ({ ...body, passwordCredentials: undefined })],
  ["has no list of client secrets", (body) => ({ ...body, passwordCredentials: { length: 1 } })],
  ["has no list of tags", (body) => ({ ...body, tags: [{}] })],
  ["has no id or no dates", (body) => ({ ...body, passwordCredentials: [{}] })],
  ["has no id or no dates", (body) => ({ ...body, passwordCredentials: [null] })],
  [
    "have the same id",
    (body) => ({ ...body, passwordCredentials: [...credentials(body), ...credentials(body)] }),
  ],
  ["is about another application", () => []],
  ["is about another application", () => null],
];

describe("an answer that is not what it must be proves nothing", () => {
  test.each(STRANGE)("%s", async (says, change) => {
    const made = await bench.adopted();
    altered("readApplication", change);
    const failure = await failureOf(made.rotator.observe(soon()));
    expect(failure).toMatchObject({ code: "answer-malformed", outcome: "unknown" });
    expect(failure.evidence).toContain(says);
    const known = { handle: made.first.keyId, slot: made.first.keyId, live: true, reactivatable: false };
    const version = { ...known, mark: markOf("adoption", 1) };
    expect(await failureOf(made.rotator.revoke(version, fenceOn(version, 2), soon()))).toMatchObject({
      code: "answer-malformed",
    });
    expect(made.application.passwords).toEqual([made.first]);
  });

  test.each<readonly [says: string, change: (body: Fields) => unknown]>([
    ["another name", (body) => ({ ...body, displayName: "cut" })],
    ["another name", (body) => ({ ...body, displayName: null })],
    ["which client secret", (body) => ({ ...body, keyId: "1" })],
    ["which client secret", (body) => ({ ...body, secretText: "" })],
    ["which client secret", (body) => ({ ...body, secretText: null })],
    ["which client secret", () => null],
  ])("a client secret with %s is not used, and found later", async (says, change) => {
    const made = await bench.adopted();
    altered("addPassword", change);
    const failure = await failureOf(made.issue("attempt-1"));
    expect(failure).toMatchObject({ code: "answer-malformed", outcome: "unknown" });
    expect(failure.evidence).toContain(says);
    bench.expectNoSecret(failure);
    bench.service.alter = undefined;
    expect((await made.observe()).map(({ mark }) => mark?.attempt)).toEqual(["adoption", "attempt-1"]);
  });

  test.each<readonly [says: string, change: (body: Fields) => unknown]>([
    [
      "at another server",
      (body) => ({ ...body, "@odata.nextLink": "https://elsewhere.example/beta/reports" }),
    ],
    ["at another server", (body) => ({ ...body, "@odata.nextLink": 7 })],
    ["no list of sign-ins", () => ({ value: {} })],
  ])("a report that goes on %s is not followed", async (says, change) => {
    const made = await bench.adopted();
    altered("readSignIns", change);
    const version = await made.versionOf(made.first.keyId);
    const failure = await failureOf(made.rotator.inUse?.(version, instantOf(bench.now), soon()));
    expect(failure.evidence).toContain(says);
  });

  test("a report that never ends proves use, and no silence", async () => {
    const made = await bench.adopted();
    const version = await made.versionOf(made.first.keyId);
    bench.now += 10 * 86_400;
    bench.service.tenant.signIns.set(made.first.keyId, {
      appId: made.application.appId,
      at: (bench.now - 5 * 86_400) * 1000,
    });
    altered("readSignIns", (body) => ({
      ...body,
      "@odata.nextLink": `${bench.service.url}/beta/reports/appCredentialSignInActivities?$filter=${encodeURIComponent(`appId eq '${made.application.appId}'`)}`,
    }));
    const since = (days: number) => instantOf(bench.now - days * 86_400);
    expect(await made.rotator.inUse?.(version, since(6), soon())).toMatchObject({ kind: "used" });
    expect(await made.rotator.inUse?.(version, since(4), soon())).toMatchObject({ kind: "unknown" });
  });

  test("whatever Graph answers, it is an error for people or what is there, and never a secret", async () => {
    const made = await bench.adopted();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (any, other) => {
        altered("readApplication", (body) => ({
          ...body,
          passwordCredentials: [
            { ...credentials(body)[0], displayName: any, hint: other, startDateTime: any },
          ],
          tags: [`cre:${made.first.keyId}:a:b:${JSON.stringify(any)}`],
        }));
        const seen: unknown = await made.rotator.observe(soon()).catch((error: unknown) => error);
        const isTold = seen instanceof EffectError && seen.code === "answer-malformed";
        expect(isTold || (Array.isArray(seen) && seen.length === 1)).toBe(true);
        if (seen instanceof EffectError) bench.expectNoSecret(seen);
      }),
      { numRuns: 60 },
    );
  });
});
