import { problemText } from "../../../core/discovery/problem-text.ts";
import { EffectError } from "../../../core/model/errors.ts";
import { parseInstant } from "../../../core/model/instant.ts";
import type { ScanEnd, Sighting, SourcePart } from "../../../core/ports/discovery.ts";
import type { AskList, Item, ListAsked } from "./questions.ts";
import { type RegisteredSecrets, secretKey } from "./registered-secrets.ts";

interface GithubView {
  readonly ask: AskList;
  readonly means: RegisteredSecrets;
}

const MOST_PROBLEMS = 20;

/** A repository's own secrets and those of its environments. */
export function openRepository(repository: string, view: GithubView): SourcePart {
  return {
    name: repository,
    scan: async (_, show, signal) => {
      const look = { view, show, signal, scanned: 0 };
      try {
        await lookAtRepository(look, repository);
        return { complete: true, scanned: look.scanned, covered: [], problems: [] };
      } catch (error) {
        signal.throwIfAborted();
        return { complete: false, scanned: look.scanned, covered: [], problems: [problemText(error)] };
      }
    },
    close: async () => undefined,
  };
}

/** An organisation's own secrets, then those of its repositories in the order of their names, by which a look goes on. */
export function openOrganisation(organisation: string, view: GithubView): SourcePart {
  return {
    name: organisation,
    scan: async (cursor = "", show, signal, enough = () => false) => {
      const look = { view, show, signal, scanned: 0 };
      const problems: string[] = [];
      const ended = (complete: boolean, mark?: string): ScanEnd => ({
        complete,
        scanned: look.scanned,
        covered: [],
        problems: problems.slice(0, MOST_PROBLEMS),
        ...(mark === undefined || mark === "" ? {} : { cursor: mark }),
      });
      try {
        if (cursor === "") await lookAtSecrets(look, organisation, ofOrganisation(organisation));
        const names = await repositoriesOf(look, organisation);
        const left = names.filter((name) => name > cursor);
        for (const [at, name] of left.entries()) {
          try {
            await lookAtRepository(look, name);
          } catch (error) {
            signal.throwIfAborted();
            problems.push(problemText(error));
            // Whoever is asked too much, or does not answer, would only be asked in vain for all others.
            if (!isOfThisPlace(error)) return ended(false, problems.length === 1 ? left[at - 1] : undefined);
          }
          if (at === left.length - 1 || !enough()) continue;
          const mark = problems.length === 0 ? name : undefined;
          problems.push("there are more repositories: the next look goes on from here");
          return ended(false, mark);
        }
        return ended(problems.length === 0);
      } catch (error) {
        signal.throwIfAborted();
        problems.push(problemText(error));
        return ended(false, cursor);
      }
    },
    close: async () => undefined,
  };
}

interface Look {
  readonly view: GithubView;
  readonly show: (sighting: Sighting) => void;
  readonly signal: AbortSignal;
  scanned: number;
}

async function lookAtRepository(look: Look, repository: string): Promise<void> {
  const [owner = "", repo = ""] = repository.split("/");
  await lookAtSecrets(look, repository, {
    route: "GET /repos/{owner}/{repo}/actions/secrets",
    parameters: { owner, repo },
    permission: "Secrets: read",
  });
  const environments = await look.view.ask(
    {
      route: "GET /repos/{owner}/{repo}/environments",
      parameters: { owner, repo },
      field: "environments",
      place: repository,
      action: "list its environments",
      permission: "Actions: read",
    },
    look.signal,
  );
  for (const { name } of environments) {
    if (typeof name !== "string") continue;
    await lookAtSecrets(look, `${repository} (${name})`, {
      route: "GET /repos/{owner}/{repo}/environments/{environment_name}/secrets",
      parameters: { owner, repo, environment_name: name },
      permission: "Environments: read",
    });
  }
}

function ofOrganisation(org: string): SecretsAsked {
  return {
    route: "GET /orgs/{org}/actions/secrets",
    parameters: { org },
    permission: "Organization secrets: read",
  };
}

type SecretsAsked = Pick<ListAsked, "route" | "parameters" | "permission">;

async function lookAtSecrets(look: Look, place: string, asked: SecretsAsked): Promise<void> {
  const { ask, means } = look.view;
  const secrets = await ask({ ...asked, field: "secrets", place, action: "list its secrets" }, look.signal);
  for (const secret of secrets) {
    const sighting = sightingOf(secret, place, means);
    if (sighting === undefined) continue;
    look.scanned += 1;
    look.show(sighting);
  }
}

async function repositoriesOf(look: Look, organisation: string): Promise<readonly string[]> {
  const repositories = await look.view.ask(
    {
      route: "GET /orgs/{org}/repos",
      parameters: { org: organisation, sort: "full_name" },
      place: organisation,
      action: "list its repositories",
      permission: "Metadata: read",
    },
    look.signal,
  );
  const names = repositories.flatMap(({ full_name: name, archived }) =>
    typeof name === "string" && archived !== true ? [name] : [],
  );
  return names.toSorted();
}

function sightingOf(secret: Item, place: string, means: RegisteredSecrets): Sighting | undefined {
  const { name, created_at: created, updated_at: updated, visibility } = secret;
  if (typeof name !== "string") return undefined;
  const createdAt = instantIn(created);
  const changedAt = instantIn(updated);
  const identity = means.get(secretKey(place, name));
  return {
    kind: "github-secret",
    handle: `${place}/${name}`,
    place,
    ...(identity === undefined ? {} : { identity }),
    live: true,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(changedAt === undefined ? {} : { changedAt }),
    detail: { secret: name, ...(typeof visibility === "string" ? { "seen by": visibility } : {}) },
    ownerHints: [],
    concerns: [],
  };
}

function instantIn(value: unknown) {
  return typeof value === "string" ? parseInstant(value) : undefined;
}

function isOfThisPlace(error: unknown): boolean {
  return error instanceof EffectError && (error.code === "permission-missing" || error.code === "not-found");
}
