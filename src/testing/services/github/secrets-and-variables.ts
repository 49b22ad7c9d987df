import { type GithubAnswer, NOT_FOUND } from "./answer.ts";
import type { Place, Sodium, StoredSecret, StoredVariable } from "./places.ts";

export interface GithubCall {
  readonly route: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** A repository as GitHub shows it. */
  readonly repository: Readonly<Record<string, unknown>>;
  /** As GitHub writes it, to the second. */
  readonly now: string;
}

/** The largest value of a secret, in bytes. */
const LARGEST = 48 * 1024;

/** What GitHub answers to a request about secrets of a place. Their names have no case. */
export function secretAnswer(
  sodium: Sodium,
  place: Place,
  { route, parameters, body, repository, now }: GithubCall,
  isOrganisation: boolean,
): GithubAnswer {
  if (route.endsWith("/public-key")) {
    return {
      status: 200,
      body: { key_id: place.keyId, key: Buffer.from(place.publicKey).toString("base64") },
    };
  }
  const name = (parameters["secret_name"] ?? "").toUpperCase();
  const before = place.secrets.get(name);
  if (route.endsWith("/repositories")) {
    if (before === undefined) return NOT_FOUND;
    const repositories = (before.repositories ?? []).map((id) => Object.assign({}, repository, { id }));
    return { status: 200, body: { total_count: repositories.length, repositories } };
  }
  if (route.startsWith("GET")) {
    return before === undefined
      ? NOT_FOUND
      : { status: 200, body: shownSecret(name, before, isOrganisation) };
  }
  // `as`: the description was checked before.
  const sent = body as SentSecret;
  const isName = /^[A-Z_][A-Z0-9_]*$/.test(name) && !name.startsWith("GITHUB_");
  if (!isName) return invalid("Secret name is invalid");
  if (sent.key_id !== place.keyId) return invalid("Bad key id");
  const value = opened(sodium, place, sent.encrypted_value);
  if (value === undefined) return invalid("Bad encrypted value");
  if (Buffer.byteLength(value) > LARGEST) return invalid("Secret is too large");
  const { visibility, selected_repository_ids: repositories } = sent;
  place.secrets.set(name, {
    value,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    ...(isOrganisation && visibility !== undefined ? { visibility } : {}),
    ...(visibility === "selected" ? { repositories: repositories ?? [] } : {}),
  });
  return before === undefined ? { status: 201, body: {} } : { status: 204 };
}

interface SentSecret {
  readonly encrypted_value: string;
  readonly key_id: string;
  readonly visibility?: NonNullable<StoredSecret["visibility"]>;
  readonly selected_repository_ids?: readonly number[];
}

function opened(sodium: Sodium, place: Place, sealed: string): string | undefined {
  try {
    const bytes = sodium.crypto_box_seal_open(
      Buffer.from(sealed, "base64"),
      place.publicKey,
      place.privateKey,
    );
    return Buffer.from(bytes).toString("utf8");
  } catch {
    return undefined;
  }
}

/** A secret as GitHub shows it: without its value. */
export function shownSecret(name: string, secret: StoredSecret, isOrganisation: boolean): object {
  const { createdAt, updatedAt, visibility = "private" } = secret;
  return { name, created_at: createdAt, updated_at: updatedAt, ...(isOrganisation ? { visibility } : {}) };
}

/** What GitHub answers to a request about variables of a place. */
export function variableAnswer(
  place: Place,
  { route, parameters, body, now }: GithubCall,
  isOrganisation: boolean,
): GithubAnswer {
  // `as`: the description was checked before.
  const sent = (body ?? {}) as { name?: string; value?: string; visibility?: string };
  const name = (parameters["name"] ?? sent.name ?? "").toUpperCase();
  const before = place.variables.get(name);
  const store = (variable: Partial<StoredVariable>): void =>
    void place.variables.set(name, { value: "", createdAt: now, ...before, ...variable, updatedAt: now });
  if (route.startsWith("GET") && route.endsWith("/variables")) {
    const variables = [...place.variables].map(([key, variable]) =>
      shownVariable(key, variable, isOrganisation),
    );
    return { status: 200, body: { total_count: variables.length, variables } };
  }
  if (route.startsWith("GET")) {
    return before === undefined
      ? NOT_FOUND
      : { status: 200, body: shownVariable(name, before, isOrganisation) };
  }
  if (route.startsWith("POST")) {
    if (before !== undefined) return { status: 409, body: { message: "Already exists" } };
    store(sent);
    return { status: 201, body: {} };
  }
  if (before === undefined) return NOT_FOUND;
  store(sent.value === undefined ? {} : { value: sent.value });
  return { status: 204 };
}

function shownVariable(name: string, variable: StoredVariable, isOrganisation: boolean): object {
  const { value, createdAt, updatedAt, visibility = "private" } = variable;
  const shown = { name, value, created_at: createdAt, updated_at: updatedAt };
  return isOrganisation ? { ...shown, visibility } : shown;
}

function invalid(message: string): GithubAnswer {
  return { status: 422, body: { message } };
}
