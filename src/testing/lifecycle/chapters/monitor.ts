import { tellVersions } from "../asking.ts";
import { AUTOMATED, VENDOR } from "../estate/names.ts";
import { check, cre, moveTo, type Scene } from "../scene.ts";

/** The first scheduled run: it records and marks what is there, and tells whom it concerns what is stale. */
export async function monitor(scene: Scene): Promise<void> {
  const { tell, hosted } = scene;
  tell.chapter("2. The first scheduled run adopts what is there, and tells of what is stale");
  await moveTo(scene, 0, 1);
  await tellVersions(scene, AUTOMATED);
  await cre(scene, ["run"]);
  await cre(scene, ["list"]);
  await tellNewMail(scene, 0, `${VENDOR} is to be rotated by hand`);
  const issue = hosted.issues.find(({ isPull, title }) => !isPull && title.includes(VENDOR));
  check(scene, issue?.state === "open", `the forge has an issue: ${issue?.title ?? "none"}`);
}

/** Tells the subjects of the mails after the first so many; gives how many there are now. */
export async function tellNewMail(scene: Scene, after: number, text: string): Promise<number> {
  const all = await scene.services.mail.taken();
  const fresh = all.slice(after);
  for (const { to, raw } of fresh) {
    const [, subject = ""] = /^Subject: (.*(?:\r?\n[ \t].*)*)/m.exec(raw) ?? [];
    scene.tell.say(`the mail server took for ${to.join(", ")}: ${subject.replaceAll(/\r?\n[ \t]+/g, " ")}`);
  }
  check(scene, fresh.length > 0, `mail: ${text}`);
  return all.length;
}
