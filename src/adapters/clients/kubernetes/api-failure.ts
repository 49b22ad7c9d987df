import { EffectError } from "../../../core/model/errors.ts";
import { type ApiAnswer, type ApiCall, describeCall, outcomeInDoubt } from "./api-client.ts";
import { listOf, objectOf, textOf } from "./api-object.ts";

/** What an answer that is no success says, as far as it may be shown. */
interface ApiStatus {
  readonly reason: string;
  /** Field managers that own what was to be applied. */
  readonly managers: readonly string[];
  readonly fields: readonly string[];
  /** The admission webhook that refused, or that cannot be asked by a dry run. */
  readonly webhook: string | undefined;
  /** What a missing right would allow. */
  readonly verb: string | undefined;
  /** The resource that the answer is about: `namespaces` when it is the namespace that is missing. */
  readonly about: string | undefined;
}

function statusIn({ body }: ApiAnswer): ApiStatus {
  const details = objectOf(body["details"]);
  const causes = listOf(details["causes"]);
  const message = textOf(body["message"]) ?? "";
  return {
    reason: codeOf(body["reason"]) ?? "",
    managers: unique(
      causes
        .filter((cause) => cause["reason"] === "FieldManagerConflict")
        .map((cause) => /^conflict with "([^"]{1,128})"/.exec(textOf(cause["message"]) ?? "")?.[1]),
    ),
    fields: unique(causes.map((cause) => fieldOf(cause["field"]))),
    verb: / cannot ([a-z]{1,20}) resource "/.exec(message)?.[1],
    webhook: /admission webhook "([a-z0-9.-]{1,253})"/.exec(message)?.[1],
    about: codeOf(details["kind"]),
  };
}

/** The object was changed since it was read, so that its version in the request was not the newest. */
export function isOutdated(answer: ApiAnswer): boolean {
  return answer.status === 409 && statusIn(answer).managers.length === 0;
}

/**
 * The error for an answer that is no success. Only codes and names are shown of it: the API's own sentences, and those
 * of admission policies, may quote what was sent or what is there.
 */
export function apiFailure(label: string, call: ApiCall, answer: ApiAnswer): EffectError {
  const { status } = answer;
  const said = statusIn(answer);
  const evidence = [
    `${describeCall(call)}: the API answered ${status}${said.reason === "" ? "" : ` ${said.reason}`}`,
    said.fields.length === 0 ? "" : `for ${said.fields.join(", ")}`,
    said.webhook === undefined ? "" : `said by the admission webhook ${said.webhook}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
  const fail = (
    code: string,
    problem: string,
    fix: string,
    retryable: boolean,
    outcome = "refused" as const,
  ) => new EffectError(outcome, code, `${label}: ${problem}`, { evidence, fix, retryable });

  if (status === 401) {
    return fail(
      "kubernetes-unauthorized",
      "the API does not accept the runner's token",
      "give the connection a token that is valid: tokens of service accounts end after an hour unless asked otherwise",
      true,
    );
  }
  if (status === 403 && call.verb === "list") {
    return fail(
      "kubernetes-forbidden",
      `the runner may not list ${call.resource} in ${call.namespace}`,
      `allow it by a Role in the namespace ${call.namespace}: apiGroups [${groupOf(call)}], resources [${call.resource}], verbs [list]`,
      false,
    );
  }
  if (status === 403) {
    return fail(
      "kubernetes-forbidden",
      `the runner may not ${said.verb ?? call.verb} ${resourceOf(call)} ${call.namespace}/${call.name}`,
      `allow it by a Role in the namespace ${call.namespace}: apiGroups [${groupOf(call)}], resources [${call.resource}], resourceNames [${call.name}], verbs [${said.verb ?? verbsOf(call)}]; examples/kubernetes/rbac.yaml has all of it. An admission policy or a quota of the namespace can refuse, too`,
      false,
    );
  }
  if (status === 404 && said.about === "namespaces") {
    return fail(
      "kubernetes-namespace",
      `there is no namespace ${call.namespace}`,
      `kubectl create namespace ${call.namespace}, or correct the document`,
      false,
    );
  }
  if (status === 404) {
    return fail(
      "kubernetes-absent",
      `there is no ${resourceOf(call)} ${call.namespace}/${call.name}`,
      "create it, or correct the document",
      false,
    );
  }
  if (status === 409 && said.managers.length > 0) {
    return fail(
      "kubernetes-field-conflict",
      `${said.managers.join(", ")} writes what this delivery is to write`,
      "let one of the two write it: take the key from the document, or from what the other applies",
      false,
    );
  }
  if (status === 409) {
    return fail(
      "kubernetes-conflict",
      "the object is being changed by somebody else",
      "find out what writes it; the next run tries again",
      true,
    );
  }
  if (status === 400 || status === 413 || status === 422) {
    return fail(
      "kubernetes-invalid",
      "the API does not take this object",
      "correct what the fields say: a Secret of a special type must hold the keys of this type, and at most 1 MiB; an admission webhook must take dry runs (sideEffects: None or NoneOnDryRun)",
      false,
    );
  }
  if (status === 429) {
    return fail("kubernetes-busy", "the API takes no more requests now", "the next run tries again", true);
  }
  const isRedirect = status >= 300 && status < 400;
  if (isRedirect || (status >= 400 && status < 500)) {
    return new EffectError(
      outcomeInDoubt(call),
      "kubernetes-strange-answer",
      `${label}: what answers is not the Kubernetes API`,
      {
        evidence,
        fix: "write the API's own address into the connection: redirects are not followed",
      },
    );
  }
  return new EffectError(outcomeInDoubt(call), "kubernetes-failed", `${label}: the API failed`, {
    evidence,
    fix: "look into the API server's log; the next run tries again",
  });
}

/** An answer that says success and does not show the object: nothing is known. */
export function strangeAnswer(label: string, call: ApiCall): EffectError {
  return new EffectError(
    outcomeInDoubt(call),
    "kubernetes-strange-answer",
    `${label}: the answer proves nothing`,
    {
      evidence: `${describeCall(call)}: it is not the object that was asked for`,
      fix: "check that the server of the connection is the Kubernetes API itself",
    },
  );
}

function groupOf({ resource }: ApiCall): string {
  return resource === "secrets" ? '""' : "apps";
}

/** An apply to an object that does not exist needs `create`, too, and an answer in other words does not say which is missing. */
function verbsOf({ verb, resource }: ApiCall): string {
  return verb === "patch" && resource === "secrets" ? "create, patch" : verb;
}

function resourceOf({ resource }: ApiCall): string {
  return resource === "secrets" ? "Secret" : resource.slice(0, -1);
}

function codeOf(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z]{1,60}$/.test(value) ? value : undefined;
}

function fieldOf(value: unknown): string | undefined {
  return typeof value === "string" && /^[-\w.[\]/]{1,300}$/.test(value) ? value : undefined;
}

function unique(texts: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== undefined))];
}
