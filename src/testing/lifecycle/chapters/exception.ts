import { VENDOR_AGE, vendorException } from "../estate/lifecycle-documents.ts";
import { REPOSITORY, VENDOR } from "../estate/names.ts";
import { check, cre, moveTo, type Scene } from "../scene.ts";
import { tellNewMail } from "./monitor.ts";

/** An exception is asked for and approved, before the vendor's key is due. */
export async function grantException(scene: Scene): Promise<void> {
  const { tell, places } = scene;
  const due = 90 - VENDOR_AGE;
  tell.chapter(`8. An exception for ${VENDOR}, which is due on day ${due} and cannot be rotated by then`);
  await moveTo(scene, 4);
  await propose(scene, "exception", {
    "exceptions/vendor.yaml": vendorException(places.at(4), places.at(8)),
  });
  await moveTo(scene, 4, 6);
  await cre(scene, ["run"]);
}

/** What it waives is told as waived, and to nobody. */
export async function isWaived(scene: Scene): Promise<void> {
  const { state, exception } = await evaluated(scene);
  const held = state === "expired" && exception === "vendor-console-moves";
  check(scene, held, `${VENDOR} is ${state}, waived by ${exception}`);
}

/** It ends by itself: everybody hears of it, the vendor's key is rotated by hand, and the issue closes. */
export async function lapse(scene: Scene): Promise<void> {
  const { tell, services, hosted, places } = scene;
  tell.chapter("10. The exception lapses: what it waived is a finding again, and a person rotates by hand");
  await moveTo(scene, 8, 12);
  const mails = (await services.mail.taken()).length;
  await cre(scene, ["run"]);
  const lapsed = await evaluated(scene);
  check(
    scene,
    lapsed.level === "critical" && lapsed.exception === null,
    `${VENDOR} is ${lapsed.state}, ${lapsed.level}, and no exception covers it`,
  );
  await tellNewMail(scene, mails, `${VENDOR} is overdue`);
  check(scene, issue(scene)?.state === "open", `the forge has an issue: ${issue(scene)?.title ?? "none"}`);
  const file = "registry/orders.yaml";
  const before = await scene.repository.git("show", `main:${file}`);
  const after = before.replace(/rotatedAt: \S+/, `rotatedAt: ${places.at(8)}`);
  await propose(scene, "rotated-by-hand", { [file]: `${after}\n` });
  await cre(scene, ["run"], { quiet: true });
  check(scene, (await evaluated(scene)).state === "active", `${VENDOR} is active again`);
  check(
    scene,
    !hosted.issues.some(({ isPull, title, state }) => !isPull && title.includes(VENDOR) && state === "open"),
    "its issues are closed",
  );
}

function issue({ hosted }: Scene) {
  return hosted.issues.findLast(({ isPull, title }) => !isPull && title.includes(VENDOR));
}

async function propose(
  { tell, github }: Scene,
  branch: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const [alice, bob] = [github.as("alice", REPOSITORY), github.as("bob", REPOSITORY)];
  await alice.push({ branch, files });
  const number = await alice.openPull({ branch });
  await bob.review(number, "APPROVED");
  await bob.merge(number, "squash");
  tell.say(
    `alice proposes ${Object.keys(files).join(", ")} in pull request #${number}; bob approves and merges it`,
  );
}

interface Evaluated {
  readonly name: string;
  readonly state: string;
  readonly level: string;
  readonly exception: string | null;
}

async function evaluated(scene: Scene): Promise<Evaluated> {
  const text = await cre(scene, ["evaluate", "--format", "json", "--only", VENDOR], { quiet: true });
  // `as`: the published shape.
  const { credentials } = JSON.parse(text.slice(text.indexOf("{"))) as { credentials: readonly Evaluated[] };
  const found = credentials.find(({ name }) => name === VENDOR);
  if (found === undefined) throw new Error(`${VENDOR} is not evaluated`);
  return found;
}
