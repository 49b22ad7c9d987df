import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
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

describe("in a workflow of GitHub", () => {
  const env = {
    GITHUB_ACTIONS: "true",
    GITHUB_REPOSITORY: "acme/credentials",
    GITHUB_RUN_ID: "4711",
    GITHUB_RUN_ATTEMPT: "2",
  };

  test("the name says which run it is, beside the process", () => {
    const liveness = hostLiveness(env);
    const outside = hostLiveness();
    expect(liveness.runOf?.(liveness.self)).toBe("acme/credentials/4711/2");
    expect(liveness.self.startsWith(outside.self)).toBe(true);
    expect(liveness.runOf?.(outside.self)).toBeUndefined();
  });

  test.each([
    {},
    { ...env, GITHUB_ACTIONS: "" },
    { ...env, GITHUB_RUN_ID: "x" },
    { ...env, GITHUB_REPOSITORY: "a" },
  ])("surroundings that are none or name no run leave it out: %j", (surroundings) => {
    expect(hostLiveness(surroundings).self).toBe(hostLiveness().self);
  });

  test.runIf(process.platform === "linux")("a process of this host is known to be dead all the same", () => {
    const liveness = hostLiveness(env);
    expect(liveness.isDead(liveness.self)).toBe(false);
    expect(liveness.isDead(liveness.self.replace(/\d+ in /, "1 in "))).toBe(true);
  });
});
