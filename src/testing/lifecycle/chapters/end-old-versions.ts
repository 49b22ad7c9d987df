import { askToSignIn, KINDS, tellVersions } from "../asking.ts";
import { AUTOMATED, CERTIFICATE } from "../estate/names.ts";
import { check, cre, moveTo, type Scene } from "../scene.ts";

/** The old versions: alive for the grace period, then deactivated once their silence is proven. */
export async function endOldVersions(scene: Scene): Promise<void> {
  const { tell } = scene;
  tell.chapter("5. Grace: the old versions stay alive, and every run says what they wait for");
  await moveTo(scene, 1);
  await cre(scene, ["run"], { quiet: true });
  await cre(scene, ["status"]);
  await askOld(scene, true);
  tell.say(
    "These logins are uses of the old versions, too: the next run sees them where the provider tells of uses.",
  );
  await moveTo(scene, 2);
  const waits = await cre(scene, ["run"]);
  check(scene, waits.includes("in use"), "whose old version is in use goes on living");

  tell.chapter("6. Silence is proven: the old versions are deactivated, which can be taken back");
  await moveTo(scene, 3, 6);
  await cre(scene, ["run"]);
  await tellVersions(scene, AUTOMATED);
  await askOld(scene, false);
  await applicationIsWell(scene);
}

/** Whether the versions that were there before the product still let somebody in. */
export async function askOld(scene: Scene, accepted: boolean): Promise<void> {
  for (const credential of AUTOMATED) {
    if (credential === CERTIFICATE) continue;
    const old = scene.first.parts[credential] ?? {};
    await askToSignIn(scene, credential, old, { which: "the old version", accepted });
  }
}

/** No sign-in of the application has ever failed, whatever happened meanwhile. */
export async function applicationIsWell(scene: Scene): Promise<void> {
  const { counts } = await scene.services.consumer.tally();
  for (const credential of Object.keys(KINDS)) {
    const { logins = 0, failures = 0, lastError = null } = counts[credential] ?? {};
    const words = `the application signed in ${logins} times with ${credential}, ${failures} failed`;
    check(scene, logins > 0 && failures === 0, lastError === null ? words : `${words} (${lastError})`);
  }
}
