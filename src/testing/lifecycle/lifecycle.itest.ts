import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

// Minutes of a processor: it has a command of its own, and runs here where it is asked for.
test.skipIf(process.env["CRE_TEST_LIFECYCLE"] === undefined)(
  "credentials live from registration to the audit as the story says, and it is told for people",
  {
    timeout: 600_000,
  },
  async () => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN], {
      // Its real server takes longer to start than the whole story; `npm run lifecycle` and its contract have it.
      env: { ...process.env, CRE_TEST_KEYCLOAK: "", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let told = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        told += text;
      });
    }
    const code = await new Promise((done) => child.once("close", done));
    // At once, so that nothing of other tests is in between.
    process.stdout.write(`${told}\n`);
    expect(told).toContain("✔ everything went as the story says");
    expect(told).not.toContain("✘");
    expect(code).toBe(0);
  },
);
