import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { leaks } from "../../conformance/proofs.ts";
import { KEY } from "../estate/names.ts";
import { check, clone, cre, type Scene } from "../scene.ts";

/** What an auditor sees: the report, the chain, the trail of one credential; and no secret, wherever one looks. */
export async function audit(scene: Scene): Promise<void> {
  const { tell, repository } = scene;
  tell.chapter("12. What an auditor sees");
  const { path } = await clone(scene);
  const folder = join(path, "..", "report");
  await cre(scene, ["report", "--out", folder]);
  await cre(scene, ["audit", "verify"]);
  await cre(scene, ["audit", KEY]);
  tell.command("git log --format=%s cre/state");
  tell.output(await repository.git("log", "--format=%s", "cre/state"));

  tell.chapter("13. No secret is anywhere but at its provider and in the application");
  const secrets = await secretsOf(scene);
  tell.say(`searched for ${secrets.size} secrets: as they are, reversed, in hex, URL-encoded, and in base64`);
  const mails = await scene.services.mail.taken();
  const texts: Readonly<Record<string, string>> = {
    "every object of the repository": await repository.git("cat-file", "--batch-all-objects", "--batch"),
    "all that any command printed": scene.printed.join("\n"),
    "the files of the report": await filesIn(folder),
    "the mails": mails.map(({ raw }) => raw).join("\n"),
    "the issues and comments of the forge": JSON.stringify(scene.hosted.issues),
    "this story": tell.told.join("\n"),
    ...(await scene.services.logs()),
  };
  for (const [place, text] of Object.entries(texts)) {
    const found = leaks(secrets, { [place]: text });
    check(
      scene,
      text !== "" && found.length === 0,
      `${place}: ${text.length} characters, ${found.length === 0 ? "no secret" : "A SECRET"}`,
    );
  }
}

/** Secret parts that the application was ever handed or installed with, and the runner's own logins. */
async function secretsOf({ services, first }: Scene): Promise<ReadonlySet<string>> {
  const { versions } = await services.consumer.tally();
  const parts = [...Object.values(versions), ...Object.values(first.parts)];
  const names = ["password", "secretAccessKey", "privateKey", "clientSecret"];
  const handed = parts.flatMap((one) => names.flatMap((name) => one[name] ?? []));
  const { AWS_ACCESS_KEY_ID: _, ...runner } = first.runner;
  // Of a key of many lines its middle, however it is wrapped.
  return new Set(
    [...handed, ...Object.values(runner)].map((text) => (text.includes("\n") ? middleLine(text) : text)),
  );
}

function middleLine(text: string): string {
  const lines = text.trim().split("\n");
  return lines[Math.floor(lines.length / 2)] ?? text;
}

async function filesIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")));
  return texts.join("\n");
}
