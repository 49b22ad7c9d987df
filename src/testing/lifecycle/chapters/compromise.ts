import { askToSignIn, tellVersions } from "../asking.ts";
import { KEY } from "../estate/names.ts";
import { check, cre, moveTo, type Scene } from "../scene.ts";

/**
 * The worst moment for AWS, where a user has two keys at most: the new one leaks while the old one still takes the other
 * slot, deactivated in its soak.
 */
export async function compromise(scene: Scene): Promise<void> {
  const { tell, services, first } = scene;
  tell.chapter(
    `7. The worst moment: in the middle of the soak the new key of ${KEY} is found in a build log`,
  );
  await moveTo(scene, 3, 18);
  const burnt = await currentOf(scene);
  await askToSignIn(scene, KEY, burnt.parts, { which: "the leaked version", accepted: true });
  await cre(scene, ["compromise", KEY, "--reason", "printed in a build log", "--wait"], { as: "alice" });
  await tellVersions(scene, [KEY]);
  await askToSignIn(scene, KEY, burnt.parts, { which: "the leaked version", accepted: false });
  await askToSignIn(scene, KEY, first.parts[KEY] ?? {}, { which: "the version before it", accepted: false });
  const fresh = await currentOf(scene);
  check(scene, fresh.handle !== burnt.handle, `the application uses ${fresh.handle}`);
  await askToSignIn(scene, KEY, fresh.parts, { which: "the newest version", accepted: true });
  const { counts } = await services.consumer.tally();
  check(scene, counts[KEY]?.failures === 0, `no sign-in of the application failed meanwhile`);
}

async function currentOf({ services: { consumer } }: Scene) {
  const handle = (await consumer.tally()).handles[KEY]?.current ?? "";
  return { handle, parts: await consumer.partsOf(KEY, handle) };
}
