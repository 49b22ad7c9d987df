import type { RequestListener } from "node:http";
import { inspect } from "node:util";
import { expect, onTestFinished } from "vitest";
import { CreError, EffectError } from "../../core/model/errors.ts";
import { type Instant, instantOf } from "../../core/model/instant.ts";
import type { BoundRotator, ObservedVersion } from "../../core/ports/rotator.ts";
import { bindExternal, type ExternalOptions, ROTATOR_TIME } from "./external-bench.ts";
import { markOf } from "./overlap-bench.ts";
import { type Heard, type Said, signedAnswers } from "./signed-answers.ts";
import { listen } from "./webhook-bench.ts";

const { signal } = new AbortController();

/** The instant of both clocks. */
export const NOW: Instant = instantOf(ROTATOR_TIME);
/** The part of the version that `issue` makes here. */
export const TOKEN = "canary-token-of-a1";
/** Ways in which a server may echo it. */
export const FORMS = [
  TOKEN,
  TOKEN.toUpperCase(),
  Buffer.from(TOKEN).toString("base64"),
  Buffer.from(`user:${TOKEN}:x`).toString("base64"),
  Buffer.from(TOKEN).toString("hex").toUpperCase(),
  Array.from(TOKEN).toReversed().join(""),
];

/** The version that is there, as the server tells it. */
export const old = {
  handle: "h0",
  slot: "1",
  live: true,
  reactivatable: false,
  createdAt: "2026-01-01T00:00:00Z",
  mark: markOf("a0"),
};
/** The one that `issue` makes. */
export const fresh = { ...old, handle: "h1", slot: "2", createdAt: NOW, mark: markOf("a1", 2) };
export const asleep = { ...old, live: false, reactivatable: true };
export const issued = { handle: "h1", slot: "2", createdAt: NOW, parts: { token: TOKEN } };
const description = {
  operations: ["in-use", "deactivate", "reactivate", "contain"],
  parts: ["token"],
  slots: 2,
};

/** The right answer to each operation, as the parts beside the frame. */
const RIGHT: Readonly<Record<string, object>> = {
  describe: description,
  observe: { versions: [old] },
  adopt: { versions: [old] },
  issue: { issued, versions: [old, fresh] },
  verify: { accepted: true },
  "in-use": { use: { kind: "silent", sampled: false, detail: "never used" } },
  deactivate: { versions: [asleep] },
  reactivate: { versions: [old] },
  revoke: { versions: [] },
  contain: { evidence: [{ place: "sessions", dead: true, detail: "none left" }] },
};

export function right({ body }: Heard, more: object = {}): object {
  const operation = String(body["operation"]);
  return { apiVersion: "cre/v1", operation, object: body["object"], ...RIGHT[operation], ...more };
}

/** A server that describes itself rightly and answers all else as `say` has it. */
export async function server(
  say: (heard: Heard) => Said | undefined,
  options: ExternalOptions = {},
): Promise<BoundRotator> {
  const rightly = (heard: Heard): Said | undefined =>
    heard.body["operation"] === "describe" ? { body: right(heard) } : say(heard);
  return bound(signedAnswers(rightly), options);
}

/** The product bound to a server that answers with this listener until the test ends. */
export async function bound(listener: RequestListener, options: ExternalOptions = {}): Promise<BoundRotator> {
  const peer = await listen(listener);
  onTestFinished(async () => peer.close());
  return bindExternal(`http://127.0.0.1:${peer.port}/rotate`, options);
}

/** The old version as the product knows it. */
export const observed: ObservedVersion = {
  handle: "h0",
  slot: "1",
  live: true,
  reactivatable: false,
  mark: markOf("a0"),
};
const fence = { expected: markOf("a0"), next: markOf("a0") };
/** Every effect, on the old version or for a new one. */
export const EFFECTS: Readonly<Record<string, (rotator: BoundRotator) => Promise<unknown> | undefined>> = {
  adopt: async (rotator) => rotator.adopt(observed, markOf("a0"), signal),
  issue: async (rotator) => rotator.issue?.(markOf("a1", 2), [observed], signal),
  deactivate: async (rotator) => rotator.deactivate?.(observed, fence, signal),
  reactivate: async (rotator) => rotator.reactivate?.(observed, fence, signal),
  revoke: async (rotator) => rotator.revoke(observed, fence, signal),
  contain: async (rotator) => rotator.contain?.(observed, NOW, signal),
};
export const issue = async (rotator: BoundRotator): Promise<unknown> => EFFECTS["issue"]?.(rotator);

/** How something failed: nothing that people or logs see of it holds a secret. */
export async function failure(effect: Promise<unknown> | undefined): Promise<CreError> {
  const error = await Promise.resolve(effect).then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CreError);
  // `as`: asserted just before.
  const failed = error as CreError;
  const shown = [inspect(failed, { depth: 10, showHidden: true }), failed.describe(), failed.stack].join(
    "\n",
  );
  for (const form of [...FORMS, "canary"]) expect(shown).not.toContain(form);
  return failed;
}

/** How an issue failed. */
export async function issueFailure(rotator: BoundRotator): Promise<EffectError> {
  const error = await failure(issue(rotator));
  expect(error).toBeInstanceOf(EffectError);
  // `as`: asserted just before.
  return error as EffectError;
}
