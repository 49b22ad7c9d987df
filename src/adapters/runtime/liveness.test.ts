import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { hostLiveness } from "./liveness.ts";

const MODULE = new URL("liveness.ts", import.meta.url).href;
const SAY_SELF = `import { hostLiveness } from ${JSON.stringify(MODULE)}; process.stdout.write(hostLiveness().self + "\\n"); setInterval(() => {}, 1000);`;

/** Another process of this host, with the name that it gives itself. */
async function startOther() {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", SAY_SELF], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return {
    name: String(line).trim(),
    kill: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

test.runIf(process.platform === "linux")("a process is alive until it is killed", async () => {
  const liveness = hostLiveness();
  const other = await startOther();
  try {
    expect(liveness.isDead(other.name)).toBe(false);
  } finally {
    await other.kill();
  }
  expect(liveness.isDead(other.name)).toBe(true);
});

test.runIf(process.platform === "linux")("an id that another process has now is not the dead one", () => {
  const liveness = hostLiveness();
  const { self } = liveness;
  expect(liveness.isDead(self)).toBe(false);
  expect(liveness.isDead(self.replace(/\d+$/, "1"))).toBe(true);
});

test("nobody of another host, boot or process id space is called dead, and no text that names no process", () => {
  const liveness = hostLiveness();
  const { self } = liveness;
  const [host = "", boot = "", space = "", pid = "", start = ""] = self.split("/");
  const gone = "4194303/1";
  expect(liveness.isDead(`elsewhere/${boot}/${space}/${gone}`)).toBe(false);
  expect(liveness.isDead(`${host}/00000000-0000-0000-0000-000000000000/${space}/${gone}`)).toBe(false);
  expect(liveness.isDead(`${host}/${boot}/1/${gone}`)).toBe(false);
  expect(liveness.isDead(`${host}/${boot}/${space}/unknown/${start}`)).toBe(false);
  expect(liveness.isDead(`${host}/${boot}/${space}/${pid}/unknown`)).toBe(false);
  expect(liveness.isDead("")).toBe(false);
});
