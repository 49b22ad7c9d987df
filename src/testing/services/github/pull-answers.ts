import { shownUser } from "./accounts.ts";
import { invalid, NOT_FOUND, paged, refusal } from "./answer.ts";
import { commitsShown, type HostedAnswers, withPull } from "./hosted-call.ts";
import { refreshPull } from "./hosted-repository.ts";
import { broughtBy } from "./merging.ts";
import { personAtGithub } from "./person.ts";
import { shownPull, shownReview, shownWholePull, timeOf } from "./shown.ts";

/** Commits that GitHub lists of a pull request. */
const MOST_COMMITS = 250;

/** What GitHub answers about pull requests, and about how commits came to a branch. */
export const PULL_ANSWERS: HostedAnswers = {
  "GET /repos/{owner}/{repo}/pulls": async (call) => {
    const { repository, address } = call;
    const { searchParams: query } = address;
    const state = query.get("state") ?? "open";
    const head = query.get("head");
    const found = repository.pulls.filter((pull) => {
      const isAsked = head === null || head === `${pull.from.split("/")[0]}:${pull.branch}`;
      return isAsked && (state === "all" || repository.issues[pull.number - 1]?.state === state);
    });
    for (const pull of found) await refreshPull(repository, pull);
    return paged(
      found.toReversed().map((pull) => shownPull(call, pull)),
      address,
    );
  },
  "POST /repos/{owner}/{repo}/pulls": async (call) => {
    const { repository, login, body } = call;
    // `as`: the description was checked before.
    const sent = body as { title: string; head: string; base: string; body?: string };
    const open = repository.pulls.some(
      (pull) => pull.branch === sent.head && repository.issues[pull.number - 1]?.state === "open",
    );
    if (open) {
      return invalid(`A pull request already exists for ${repository.name.split("/")[0]}:${sent.head}.`);
    }
    const [head, base] = [`refs/heads/${sent.head}`, `refs/heads/${sent.base}`];
    if ((await repository.git.commitOf(head)) === undefined) return invalid("invalid", "head");
    if ((await repository.git.git("rev-list", "--count", `${base}..${head}`)) === "0") {
      return invalid(`No commits between ${sent.base} and ${sent.head}`);
    }
    const number = await personAtGithub(repository, login).openPull({ ...sent, branch: sent.head });
    const pull = repository.pulls.find((known) => known.number === number);
    return pull === undefined ? NOT_FOUND : { status: 201, body: shownWholePull(call, pull) };
  },
  "GET /repos/{owner}/{repo}/pulls/{pull_number}": async (call) =>
    withPull(call, async (pull) => {
      await refreshPull(call.repository, pull);
      return { status: 200, body: shownWholePull(call, pull) };
    }),
  "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits": async (call) =>
    withPull(call, async (pull) => {
      await refreshPull(call.repository, pull);
      return paged(await commitsShown(call.repository, pull.commits.slice(0, MOST_COMMITS)), call.address);
    }),
  "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews": async (call) =>
    withPull(call, (pull) =>
      paged(
        pull.reviews.map((review) => shownReview(call.repository, pull, review)),
        call.address,
      ),
    ),
  "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls": async (call) => {
    const { repository, parameters, address } = call;
    const sha = parameters["commit_sha"] ?? "";
    if ((await repository.git.commitOf(sha)) === undefined) {
      return refusal(422, `No commit found for SHA: ${sha}`);
    }
    for (const pull of repository.pulls) await refreshPull(repository, pull);
    const found = repository.pulls.filter((pull) => broughtBy(pull, sha));
    return paged(
      found.map((pull) => shownPull(call, pull)),
      address,
    );
  },
  "GET /repos/{owner}/{repo}/activity": ({ repository, address }) => {
    if (repository.hidesActivity) return refusal(403, "Resource not accessible by integration");
    const ref = address.searchParams.get("ref");
    const found = repository.activities.filter(
      (activity) => ref === null || activity.ref === ref || activity.ref === `refs/heads/${ref}`,
    );
    const shown = found.map((activity) => ({
      id: activity.id,
      node_id: `PSH_${activity.id}`,
      before: activity.before,
      after: activity.after,
      ref: activity.ref,
      timestamp: timeOf(activity.at),
      activity_type: activity.type,
      actor: activity.actor === undefined ? null : shownUser(activity.actor),
    }));
    return paged(shown.toReversed(), address);
  },
};
