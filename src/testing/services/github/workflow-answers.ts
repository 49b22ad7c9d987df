import { basename } from "node:path";
import { type GithubAnswer, invalid, NOT_FOUND } from "./answer.ts";
import { type HostedAnswers, type HostedCall } from "./hosted-call.ts";
import type { StoredRun, StoredWorkflow } from "./hosted-repository.ts";
import { pageOf, shownRepository, timeOf } from "./shown.ts";

/** What GitHub answers about workflows and their runs. */
export const WORKFLOW_ANSWERS: HostedAnswers = {
  "GET /repos/{owner}/{repo}/actions/workflows": (call) => {
    const { workflows } = call.repository;
    const shown = workflows.map((workflow) => shownWorkflow(call, workflow));
    const size = Number(call.address.searchParams.get("per_page") ?? 30);
    const page = Number(call.address.searchParams.get("page") ?? 1);
    const on = shown.slice((page - 1) * size, page * size);
    return { status: 200, body: { total_count: shown.length, workflows: on } };
  },
  "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches": async (call) => {
    const { repository, parameters, login } = call;
    const found = repository.workflows.find(({ path }) => basename(path) === parameters["workflow_id"]);
    if (found === undefined) return NOT_FOUND;
    if (found.state !== "active") {
      return invalid("Cannot trigger a 'workflow_dispatch' on a disabled workflow");
    }
    // `as`: the description was checked before.
    const { ref, inputs = {} } = call.body as { ref: string; inputs?: Record<string, string> };
    if ((await repository.git.commitOf(`refs/heads/${ref}`)) === undefined) {
      return invalid(`No ref found for: ${ref}`);
    }
    repository.dispatches.push({ workflow: basename(found.path), ref, inputs, by: login });
    return { status: 204 };
  },
  "GET /repos/{owner}/{repo}/actions/runs/{run_id}": (call): GithubAnswer => {
    const found = call.repository.runs.find(({ id }) => id === Number(call.parameters["run_id"]));
    return found === undefined ? NOT_FOUND : { status: 200, body: shownRun(call, found) };
  },
};

function shownWorkflow({ repository }: HostedCall, { id, path, state }: StoredWorkflow): object {
  const url = `https://api.github.com/repos/${repository.name}/actions/workflows/${id}`;
  return {
    id,
    node_id: `W_${id}`,
    name: basename(path),
    path,
    state,
    created_at: timeOf(repository.now()),
    updated_at: timeOf(repository.now()),
    url,
    html_url: `${pageOf(repository)}/blob/main/${path}`,
    badge_url: `${pageOf(repository)}/workflows/${basename(path)}/badge.svg`,
  };
}

function shownRun(call: HostedCall, { id, attempt, status }: StoredRun): object {
  const { repository } = call;
  const url = `https://api.github.com/repos/${repository.name}/actions/runs/${id}`;
  const repo = shownRepository(call);
  return {
    id,
    node_id: `WFR_${id}`,
    head_branch: "main",
    head_sha: "0".repeat(40),
    path: ".github/workflows/enforce.yml",
    run_number: 1,
    run_attempt: attempt,
    display_title: "Enforce",
    event: "schedule",
    status,
    conclusion: status === "completed" ? "success" : null,
    workflow_id: 1,
    url,
    html_url: `${pageOf(repository)}/actions/runs/${id}`,
    pull_requests: [],
    created_at: timeOf(repository.now()),
    updated_at: timeOf(repository.now()),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${url}/suite`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    workflow_url: `${url}/workflow`,
    head_commit: null,
    repository: repo,
    head_repository: repo,
  };
}
