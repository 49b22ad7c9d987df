import type { Octokit } from "@octokit/rest";
import { EffectError } from "../../../core/model/errors.ts";
import { type GithubCall, githubFailure, movedFailure } from "../../clients/github/failure.ts";
import { type Marker, parseMarker } from "./marker.ts";
import type { PublicKey, SealedValue } from "./seal.ts";
import type { Location } from "./target.ts";

/** One secret as GitHub shows it. */
export interface SecretFacts {
  /** When it was written, in milliseconds since 1970. */
  readonly writtenAt: number;
  /** Of an organisation's secret: which repositories see it. */
  readonly visibility: string | undefined;
}

type Method = "GET" | "PUT" | "POST" | "PATCH";

interface Asked {
  readonly method: Method;
  readonly path: string;
  readonly action: string;
  readonly permission: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly carriesSecret?: true;
}

interface Answered {
  readonly data: unknown;
  /** GitHub's clock, in milliseconds since 1970. */
  readonly date: number | undefined;
}

/** The secrets and variables of one repository, environment or organisation. Methods reject with EffectError. */
export class SecretPlace {
  readonly #octokit: Octokit;
  readonly #location: Location;
  readonly #signal: AbortSignal;

  constructor(octokit: Octokit, location: Location, signal: AbortSignal) {
    this.#octokit = octokit;
    this.#location = location;
    this.#signal = signal;
  }

  /** Refuses a repository that is archived or has another name by now. */
  async checkRepository(): Promise<void> {
    const { label, repository, parameters } = this.#location;
    if (repository === undefined) return;
    const { owner, repo } = parameters;
    const call = { place: label, action: "look at the repository", permission: "Metadata: read" };
    const { data } = await this.#send("GET /repos/{owner}/{repo}", { owner, repo }, call);
    if (fieldOf(data, "archived") === true) {
      throw new EffectError("refused", "archived", `${label} is archived: nothing can be written there`, {
        fix: "take the delivery out of the document, or have the repository unarchived",
        retryable: false,
      });
    }
  }

  async publicKey(): Promise<PublicKey> {
    const { data } = await this.#ask({
      method: "GET",
      path: "/secrets/public-key",
      action: "read the public key",
      permission: `${this.#location.secrets}: read`,
    });
    const [id, key] = [fieldOf(data, "key_id"), fieldOf(data, "key")];
    if (typeof id !== "string" || typeof key !== "string") throw this.#strange("the public key");
    return { id, key };
  }

  /** A secret as far as GitHub shows it; undefined where there is none. */
  async secret(name: string): Promise<SecretFacts | undefined> {
    const asked: Asked = {
      method: "GET",
      path: "/secrets/{secret_name}",
      action: `look at the secret ${name}`,
      permission: `${this.#location.secrets}: read`,
      fields: { secret_name: name },
    };
    const answer = await this.#unlessMissing(asked);
    if (answer === undefined) return undefined;
    const writtenAt = Date.parse(String(fieldOf(answer.data, "updated_at")));
    if (Number.isNaN(writtenAt)) throw this.#strange(`the secret ${name}`);
    const visibility = fieldOf(answer.data, "visibility");
    return { writtenAt, visibility: typeof visibility === "string" ? visibility : undefined };
  }

  /** Writes a secret. `before` is what was there: who sees an organisation's secret stays as it was. */
  async putSecret(name: string, value: SealedValue, before: SecretFacts | undefined): Promise<void> {
    const visible =
      this.#location.repository === undefined ? await this.#visibility(name, before) : undefined;
    await this.#ask({
      method: "PUT",
      path: "/secrets/{secret_name}",
      action: `write the secret ${name}`,
      permission: `${this.#location.secrets}: write`,
      fields: { secret_name: name, encrypted_value: value.sealed, key_id: value.keyId, ...visible },
      carriesSecret: true,
    });
  }

  /** The marker of these secrets in a variable, and GitHub's clock. */
  async marker(
    variable: string,
    names: readonly string[],
  ): Promise<{ readonly marker: Marker | "none" | "unreadable"; readonly date: number | undefined }> {
    const asked: Asked = {
      method: "GET",
      path: "/variables/{name}",
      action: `read the variable ${variable}`,
      permission: `${this.#location.variables}: read`,
      fields: { name: variable },
    };
    const answer = await this.#unlessMissing(asked);
    if (answer === undefined) {
      // GitHub hides what a token may not see: only who sees the list knows that one is not there.
      const { date } = await this.#ask({
        ...asked,
        path: "/variables",
        action: "list the variables",
        fields: { per_page: 1 },
      });
      return { marker: "none", date };
    }
    const value = fieldOf(answer.data, "value");
    const marker = typeof value === "string" ? parseMarker(value, names) : undefined;
    return { marker: marker ?? "unreadable", date: answer.date };
  }

  async writeMarker(variable: string, text: string, isThere: boolean): Promise<void> {
    const isOrganisation = this.#location.repository === undefined;
    await this.#ask({
      method: isThere ? "PATCH" : "POST",
      path: isThere ? "/variables/{name}" : "/variables",
      action: `write the variable ${variable}`,
      permission: `${this.#location.variables}: write`,
      fields: {
        name: variable,
        value: text,
        ...(isOrganisation && !isThere ? { visibility: "private" } : {}),
      },
    });
  }

  async #visibility(
    name: string,
    before: SecretFacts | undefined,
  ): Promise<Readonly<Record<string, unknown>>> {
    if (before?.visibility !== "selected") return { visibility: before?.visibility ?? "private" };
    const ids: number[] = [];
    for (let page = 1; ; page += 1) {
      const { data } = await this.#ask({
        method: "GET",
        path: "/secrets/{secret_name}/repositories",
        action: `list the repositories that see the secret ${name}`,
        permission: `${this.#location.secrets}: read`,
        fields: { secret_name: name, per_page: 100, page },
      });
      const listed = fieldOf(data, "repositories");
      const total = fieldOf(data, "total_count");
      if (!Array.isArray(listed) || typeof total !== "number") throw this.#strange(`who sees ${name}`);
      const found = listed.map((repository: unknown) => fieldOf(repository, "id"));
      ids.push(...found.filter((id) => typeof id === "number"));
      if (found.length === 0 || ids.length >= total) break;
    }
    return { visibility: "selected", selected_repository_ids: ids };
  }

  async #unlessMissing(asked: Asked): Promise<Answered | undefined> {
    try {
      return await this.#ask(asked);
    } catch (error) {
      if (error instanceof EffectError && error.code === "not-found") return undefined;
      throw error;
    }
  }

  async #ask({ method, path, fields = {}, action, permission, carriesSecret }: Asked): Promise<Answered> {
    const { base, parameters, label: place } = this.#location;
    const call = { place, action, permission, ...(carriesSecret === undefined ? {} : { carriesSecret }) };
    return this.#send(`${method} ${base}${path}`, { ...parameters, ...fields }, call);
  }

  async #send(route: string, fields: Readonly<Record<string, unknown>>, call: GithubCall): Promise<Answered> {
    if (this.#signal.aborted) {
      throw new EffectError(
        "refused",
        "interrupted",
        `${call.place}: interrupted before the runner could ${call.action}`,
      );
    }
    try {
      const { status, data, headers }: { status: number; data: unknown; headers: { date?: string } } =
        await this.#octokit.request(route, {
          ...fields,
          request: { signal: this.#signal },
        });
      if (status >= 300) throw movedFailure(status, call);
      const date = headers.date === undefined ? Number.NaN : Date.parse(headers.date);
      return { data, date: Number.isNaN(date) ? undefined : date };
    } catch (error) {
      throw githubFailure(error, call);
    }
  }

  #strange(what: string): EffectError {
    return new EffectError(
      "unknown",
      "answer-unreadable",
      `${this.#location.label}: what GitHub says of ${what} cannot be read`,
      {
        fix: "check that the url of the connection is that of GitHub's API, such as https://github.example.com/api/v3",
      },
    );
  }
}

function fieldOf(data: unknown, name: string): unknown {
  if (typeof data !== "object" || data === null) return undefined;
  // `as`: neither null nor a primitive.
  return (data as Readonly<Record<string, unknown>>)[name];
}
