import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { versionsOf } from "../asking.ts";
import { AUTOMATED, LEGACY_USER, REPOSITORY } from "../estate/names.ts";
import { check, clone, cre, creIn, moveTo, type Scene } from "../scene.ts";

const SETTINGS = "policies/platform.yaml";
const FOLDER = "registry/discovered";

/** A key that nobody registered is found where the security team lets look, registered, and adopted. */
export async function discover(scene: Scene): Promise<void> {
  const { tell, github, repository } = scene;
  tell.chapter("11. Discovery: a key of AWS that nobody registered is found, registered and adopted");
  await moveTo(scene, 9);
  const [alice, bob] = [github.as("alice", REPOSITORY), github.as("bob", REPOSITORY)];
  const settings = await repository.git("show", `main:${SETTINGS}`);
  const discovery = "  discovery: [{ name: prod-aws, aws-iam: { connection: aws } }]\n";
  await bob.push({
    branch: "discovery",
    files: { [SETTINGS]: `${settings.replace("  schedule:", `${discovery}  schedule:`)}\n` },
  });
  const first = await bob.openPull({ branch: "discovery", title: "Look for keys at AWS" });
  await alice.review(first, "APPROVED");
  await bob.merge(first, "squash");
  tell.say(`bob declares the source prod-aws in the settings, by pull request #${first}`);

  const { path } = await clone(scene);
  const found = await creIn(scene, path, ["discover", "--write"], { as: "alice" });
  check(scene, found.includes(LEGACY_USER), `the key of ${LEGACY_USER} is unmanaged`);
  check(scene, !/no: /.test(found), "the source was seen whole");
  const stubs = await stubsIn(join(path, FOLDER));
  const stub = stubs.split(/^---\n/m).find((one) => one.includes(LEGACY_USER)) ?? "";
  tell.say(`the stub that it wrote into ${FOLDER}:`);
  tell.output(stub);

  const number = await adopt(scene, stub);
  tell.say(`alice completes it: pull request #${number}, which bob approves and merges`);
  await moveTo(scene, 9, 1);
  await cre(scene, ["run"]);
  const status = await cre(scene, ["discover", "--format", "json"], { as: "alice", quiet: true });
  // `as`: the published shape.
  const { unmanaged } = JSON.parse(status.slice(status.indexOf("{"))) as {
    unmanaged: readonly { readonly place: string }[];
  };
  const left = unmanaged.filter(({ place }) => place.includes(LEGACY_USER));
  check(scene, left.length === 0, `the key of ${LEGACY_USER} is no longer unmanaged`);
  const file = `registry/status/orders-api/${LEGACY_USER}.json`;
  const record = await repository.git("show", `cre/state:${file}`);
  check(scene, record.includes('"origin": "adopted"'), `its version is on record as adopted, in ${file}`);
  tell.say(`the others are as they were: ${await versionsOf(scene, AUTOMATED[1] ?? "")}`);
}

async function stubsIn(folder: string): Promise<string> {
  const files = await readdir(folder);
  return (await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")))).join("---\n");
}

/** What a stub becomes: somebody says who owns it, and that it is to be rotated. */
async function adopt({ github }: Scene, stub: string): Promise<number> {
  const [alice, bob] = [github.as("alice", REPOSITORY), github.as("bob", REPOSITORY)];
  const [, handle = ""] = /^ {2}handle: (\S+)$/m.exec(stub) ?? [];
  const document = `apiVersion: cre/v1
kind: Credential
metadata: { name: ${LEGACY_USER} }
spec:
  type: api-key
  service: orders-api
  owner: { team: shop, contact: shop@example.com }
  createdAt: 2026-01-01
  method: automated
  handle: ${handle}
  provider:
    aws-iam: { connection: aws, user: ${LEGACY_USER} }
  deliver:
    - webhook: { connection: hook }
      consumer: orders-api
  access:
    - { principal: orders-api, kind: service, purpose: writes the monthly report }
`;
  await alice.push({ branch: "legacy", files: { "registry/legacy.yaml": document } });
  const number = await alice.openPull({ branch: "legacy", title: `Register ${LEGACY_USER}` });
  await bob.review(number, "APPROVED");
  await bob.merge(number, "squash");
  return number;
}
