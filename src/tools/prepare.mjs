// npm runs this after every install of the checkout, on whatever Node the machine has: plain JavaScript on purpose.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const root = new URL("../../", import.meta.url);

if (existsSync(new URL("node_modules/typescript/package.json", root))) {
  const built = spawnSync("npm", ["run", "--silent", "build"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  process.exitCode = built.status ?? 1;
} else {
  process.stderr.write("Not built: the development dependencies are not installed. `npm ci` brings them.\n");
}
