import { askToSignIn, tellVersions } from "../asking.ts";
import { AUTOMATED, CERTIFICATE, DATABASE, KEY, OAUTH, REPOSITORY, SSH } from "../estate/names.ts";
import { check, cre, moveTo, type Scene, startCre } from "../scene.ts";

const FILE = "registry/orders.yaml";

/** Five rotations begin in one run, which is killed in their middle; the next goes on, while a person merges. */
export async function rotate(scene: Scene): Promise<void> {
  const { tell, services, first } = scene;
  tell.chapter("3. All five are due: they rotate together, and the runner is killed in the middle of it");
  await moveTo(scene, 0, 2);
  const { come, go } = await services.consumer.hold({ phase: "stage", credential: KEY });
  const { kill, ended } = await startCre(scene, ["run"]);
  await come();
  kill();
  const { signal, printed } = await ended;
  scene.printed.push(printed);
  await go();
  check(scene, signal === "SIGKILL", `SIGKILL, just as the new secret of ${KEY} arrived at the application`);
  await tellVersions(scene, [DATABASE, KEY, SSH]);
  for (const credential of [DATABASE, KEY, SSH, OAUTH]) {
    await askToSignIn(scene, credential, first.parts[credential] ?? {}, {
      which: "the old version",
      accepted: true,
    });
  }
  await cre(scene, ["status"]);

  tell.chapter("4. Another machine goes on with what the dead one left; meanwhile a person merges");
  await moveTo(scene, 0, 3);
  const promotion = await services.consumer.hold({ phase: "promote", credential: DATABASE });
  const run = await startCre(scene, ["run"]);
  await promotion.come();
  tell.say(`the promotion of ${DATABASE} is on its way to the application, and waits there`);
  await mergeMeanwhile(scene);
  await promotion.go();
  const end = await run.ended;
  scene.printed.push(end.printed);
  tell.output(end.printed);
  check(scene, end.code === 0, `it ended with ${end.code}`);
  await tellVersions(scene, AUTOMATED);
  await newOnesWork(scene);
  const trail = await scene.repository.git("log", "--format=%s", "-1", "main");
  check(scene, trail.includes("purpose"), `the person's change is on main as it was merged: ${trail}`);
}

/** The application signs in with the new versions, and the old ones still work: nobody has proven them unused yet. */
async function newOnesWork(scene: Scene): Promise<void> {
  const { services, first } = scene;
  const { handles } = await services.consumer.tally();
  for (const credential of AUTOMATED) {
    const current = handles[credential]?.current ?? null;
    check(scene, current !== null, `the application uses ${String(current).slice(0, 24)} of ${credential}`);
    if (current === null || credential === CERTIFICATE) continue;
    const parts = await services.consumer.partsOf(credential, current);
    await askToSignIn(scene, credential, parts, { which: "the new version", accepted: true });
    const old = first.parts[credential] ?? {};
    await askToSignIn(scene, credential, old, { which: "the old version", accepted: true });
  }
}

async function mergeMeanwhile({ tell, github, repository }: Scene): Promise<void> {
  const [alice, bob] = [github.as("alice", REPOSITORY), github.as("bob", REPOSITORY)];
  const before = await repository.git("show", `main:${FILE}`);
  const after = before.replace(
    "purpose: asks the vendor for prices",
    "purpose: asks the vendor for prices and stock",
  );
  await alice.push({ branch: "purpose", files: { [FILE]: after }, message: "Say the whole purpose" });
  const number = await alice.openPull({ branch: "purpose", title: "Say the whole purpose" });
  await bob.review(number, "APPROVED");
  await bob.merge(number, "squash");
  tell.say(`bob merges pull request #${number} of alice into main`);
}
