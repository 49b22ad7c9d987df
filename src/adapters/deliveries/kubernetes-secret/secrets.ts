import type { ApiAnswer, ApiCall, ApiClient } from "../../clients/kubernetes/api-client.ts";
import { apiFailure, isOutdated, strangeAnswer } from "../../clients/kubernetes/api-failure.ts";
import { type SecretObject, secretIn } from "../../clients/kubernetes/api-object.ts";
import { type AppliedSecret, applyText } from "./apply-text.ts";
import type { Place } from "./place.ts";

/** What every request of one delivery needs. */
export interface Site {
  readonly label: string;
  readonly place: Place;
  readonly api: ApiClient;
}

/** How an apply ended, if not by an error. */
export type Applied = "applied" | "outdated";

export interface ApplyOptions {
  readonly force: boolean;
  /** Only tried: the API checks rights, ownership and the object as if it were meant, and keeps nothing. */
  readonly dryRun?: boolean;
}

/** The Secret of this name, or undefined where there is none. `whole`: with its values. */
export async function readSecret(
  { label, place, api }: Site,
  name: string,
  whole: boolean,
  signal: AbortSignal,
): Promise<SecretObject | undefined> {
  const call: ApiCall = {
    verb: "get",
    resource: "secrets",
    namespace: place.namespace,
    name,
    metadataOnly: !whole,
  };
  const answer = await api.send(call, signal);
  if (isAbsent(answer)) return undefined;
  return asSecret(label, call, answer);
}

/** Server-side apply. `outdated`: the object is not the one that was read, and nothing was changed. */
export async function applySecret(
  { label, place, api }: Site,
  applied: AppliedSecret,
  { force, dryRun = false }: ApplyOptions,
  signal: AbortSignal,
): Promise<Applied> {
  const call: ApiCall = {
    verb: "patch",
    resource: "secrets",
    namespace: place.namespace,
    name: applied.name,
    query: {
      fieldManager: place.manager,
      force: String(force),
      fieldValidation: "Strict",
      ...(dryRun ? { dryRun: "All" } : {}),
    },
    contentType: "application/apply-patch+yaml",
    body: applyText(applied),
    metadataOnly: true,
  };
  const answer = await api.send(call, signal);
  if (isOutdated(answer)) return "outdated";
  const after = asSecret(label, call, answer);
  const isThere = Object.entries(applied.annotations).every(
    ([key, value]) => after.annotations.get(key) === value,
  );
  if (isThere) return "applied";
  throw strangeAnswer(label, call);
}

/** Deletes exactly the object that was read; another of its name stays. False: it was changed meanwhile. */
export async function deleteSecret(
  { label, place, api }: Site,
  { name, uid, resourceVersion }: Pick<SecretObject, "name" | "uid" | "resourceVersion">,
  signal: AbortSignal,
): Promise<boolean> {
  const call: ApiCall = {
    ...deletion(place, name),
    contentType: "application/json",
    body: JSON.stringify({
      kind: "DeleteOptions",
      apiVersion: "v1",
      preconditions: { uid, resourceVersion },
    }),
  };
  const answer = await api.send(call, signal);
  if (isAbsent(answer)) return true;
  if (isOutdated(answer)) return false;
  expectDone(label, call, answer);
  return true;
}

/** Whether the runner may delete a Secret of this name; there need not be one. */
export async function tryDeletion(
  { label, place, api }: Site,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const call: ApiCall = { ...deletion(place, name), query: { dryRun: "All" } };
  const answer = await api.send(call, signal);
  if (!isAbsent(answer)) expectDone(label, call, answer);
}

function deletion({ namespace }: Place, name: string): ApiCall {
  return { verb: "delete", resource: "secrets", namespace, name, metadataOnly: true };
}

/** A page that says so comes from something before the API, and says nothing about the object. */
function isAbsent({ status, body }: ApiAnswer): boolean {
  return status === 404 && body["kind"] === "Status";
}

function expectDone(label: string, call: ApiCall, answer: ApiAnswer): void {
  if (answer.status < 200 || answer.status > 299) throw apiFailure(label, call, answer);
  if (answer.body["kind"] === undefined) throw strangeAnswer(label, call);
}

function asSecret(label: string, call: ApiCall, answer: ApiAnswer): SecretObject {
  expectDone(label, call, answer);
  const secret = secretIn(answer, call.name);
  if (secret === undefined) throw strangeAnswer(label, call);
  return secret;
}
