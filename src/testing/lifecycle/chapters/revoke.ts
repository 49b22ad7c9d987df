import { tellVersions } from "../asking.ts";
import { AUTOMATED, DATABASE, SSH } from "../estate/names.ts";
import { check, cre, moveTo, type Scene } from "../scene.ts";
import { applicationIsWell, askOld } from "./end-old-versions.ts";
import { isWaived } from "./exception.ts";

/** After the soak the old versions are gone for good; where nobody can see their use, after twice as long. */
export async function revoke(scene: Scene): Promise<void> {
  scene.tell.chapter("9. The soak is over: the old versions are revoked for good");
  await moveTo(scene, 5, 12);
  await cre(scene, ["run"]);
  await isWaived(scene);
  await tellVersions(scene, [DATABASE, SSH]);
  await moveTo(scene, 7, 12);
  await cre(scene, ["run"], { quiet: true });
  await tellVersions(scene, AUTOMATED);
  await askOld(scene, false);
  const open = await cre(scene, ["status"]);
  check(
    scene,
    !AUTOMATED.some((name) => new RegExp(`^${name} `, "m").test(open)),
    "no rotation is open any more",
  );
  await applicationIsWell(scene);
}
