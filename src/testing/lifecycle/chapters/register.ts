import { type BundledAction, bundledAction, type StepEnd } from "../../action/bundled-action.ts";
import { GITHUB_LOGIN } from "../../services/github/github-service.ts";
import { registryDocuments } from "../estate/lifecycle-documents.ts";
import * as is from "../estate/names.ts";
import { check, clone, cre, type Scene } from "../scene.ts";

const FILE = "registry/orders.yaml";

/** A pull request registers six credentials: refused with a typo, corrected, commented on, agreed on, merged. */
export async function register(scene: Scene): Promise<void> {
  const { tell, github, hosted, places } = scene;
  tell.chapter("1. A developer registers six credentials by pull request");
  const [alice, bob] = [github.as("alice", is.REPOSITORY), github.as("bob", is.REPOSITORY)];
  const action = await bundledAction();
  try {
    const documents = registryDocuments(places);
    const typo = documents.replace("method: manual", "metod: manual");
    await alice.push({ branch: "orders-api", files: { [FILE]: typo } });
    const number = await alice.openPull({
      branch: "orders-api",
      title: "Register the credentials of orders-api",
    });
    tell.say(`alice opens pull request #${number}; its check is the action of this repository`);
    const refused = await checkPull(scene, action, number);
    const [where = ""] = /^::error [^\n]*/m.exec(refused.log) ?? [];
    tell.output(where);
    check(
      scene,
      refused.code === 2 && where.includes(`file=${FILE},line=`),
      "the typo is refused at its line",
    );
    await alice.push({ branch: "orders-api", files: { [FILE]: documents } });
    const corrected = await checkPull(scene, action, number);
    check(scene, corrected.code === 0, "corrected, the check passes");
    const comments = hosted.issues[number - 1]?.comments ?? [];
    const impact = comments.find(({ author }) => author === GITHUB_LOGIN);
    tell.output(/^\*\*This change [^\n]*/m.exec(impact?.body ?? "")?.[0].replaceAll("*", "") ?? "no comment");
    check(
      scene,
      impact?.body.includes("vendor-key") === true,
      "one comment says what the change does to compliance",
    );
    await bob.review(number, "APPROVED");
    await bob.merge(number, "squash");
    tell.say("bob approves and merges it");
  } finally {
    await action.dispose();
  }
  await cre(scene, ["validate"], { as: "alice" });
}

async function checkPull(scene: Scene, action: BundledAction, number: number): Promise<StepEnd> {
  const { hosted, github, env } = scene;
  const pull = hosted.pulls.find((one) => one.number === number);
  const checkout = await clone(scene);
  await checkout.git("checkout", "--quiet", "--detach", `origin/${pull?.branch ?? ""}`);
  const end = await action.run({
    event: "pull_request",
    ref: `refs/pull/${number}/merge`,
    workspace: checkout.path,
    env: { ...checkout.env, GITHUB_API_URL: github.url, GITHUB_TOKEN: env["GITHUB_TOKEN"] ?? "" },
    inputs: { command: "validate" },
    payload: {
      pull_request: {
        number,
        base: { sha: await checkout.git("rev-parse", "origin/main") },
        head: { repo: { full_name: is.REPOSITORY } },
      },
      repository: { full_name: is.REPOSITORY, default_branch: "main" },
    },
  });
  scene.printed.push(end.log, end.errors, end.summary);
  return end;
}
