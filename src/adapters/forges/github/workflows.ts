import { parse } from "yaml";
import { EffectError } from "../../../core/model/errors.ts";
import type { Forge, ScheduleHealth } from "../../../core/ports/forge.ts";
import { fieldOf, listOf, numberOf, textOf } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";
import { fileAt } from "./files.ts";

type Workflows = Pick<Forge, "isRunOver" | "schedules" | "dispatch">;

interface Workflow {
  readonly path: string;
  readonly state: string;
}

/** `defaultBranch` is where schedules run and workflows are started. */
export function githubWorkflows(
  api: GithubApi,
  defaultBranch: (signal: AbortSignal) => Promise<string>,
): Workflows {
  return {
    isRunOver: async (run, signal) => {
      const { owner, repo } = api.repository;
      const [, name, id, attempt] = /^([^/]+\/[^/]+)\/([1-9]\d{0,14})\/([1-9]\d{0,5})$/.exec(run) ?? [];
      // The same number is another run in another repository.
      if (name?.toLowerCase() !== `${owner}/${repo}`.toLowerCase()) return undefined;
      const asked: Asked = {
        method: "GET",
        path: "/actions/runs/{run_id}",
        action: `look at the run ${id}`,
        permission: "Actions: read",
        fields: { run_id: Number(id) },
      };
      return api.askMaybe(asked, signal, ({ data }) => {
        // A run that was started again is another process.
        return numberOf(data, "run_attempt") > Number(attempt) || textOf(data, "status") === "completed";
      });
    },
    schedules: async (signal) => {
      const asked: Asked = {
        method: "GET",
        path: "/actions/workflows",
        action: "list the workflows",
        permission: "Actions: read",
      };
      const workflows = await api.list(asked, signal, (data) =>
        listOf(data, "workflows").map(
          (one): Workflow => ({
            path: textOf(one, "path"),
            state: textOf(one, "state"),
          }),
        ),
      );
      const branch = await defaultBranch(signal);
      const found: ScheduleHealth[] = [];
      for (const { path, state } of workflows) {
        // Others are GitHub's own; a deleted one has no file any more.
        if (!path.startsWith(".github/workflows/") || state === "deleted") continue;
        const file = await fileAt(api, branch, path, signal);
        if (file === undefined || !isScheduled(file.text)) continue;
        found.push({ workflow: path, state: state === "active" ? "active" : "disabled", detail: state });
      }
      return found;
    },
    dispatch: async (workflow, inputs, signal) => {
      const asked: Asked = {
        method: "POST",
        path: "/actions/workflows/{workflow_id}/dispatches",
        action: `start the workflow ${workflow}`,
        permission: "Actions: write",
        fields: { workflow_id: workflow, ref: await defaultBranch(signal), inputs },
      };
      await api.ask(asked, signal, ({ data }) => {
        // GitHub answers nothing at all; a page in place of it came from somebody else.
        if (typeof data === "string" && data !== "") {
          throw new EffectError(
            "unknown",
            "answer-unreadable",
            `${api.label}: whether ${workflow} was started is not known`,
          );
        }
      });
    },
  };
}

function isScheduled(text: string): boolean {
  try {
    return fieldOf(parse(text), "on", "schedule") !== undefined;
  } catch {
    // A file that is no YAML runs nothing.
    return false;
  }
}
