import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SshHost } from "./host-ground.ts";

/** Puts accounts on a host beside its own: whoever asks it for them with `getent` is told of these and no others. */
export async function addAccounts(
  host: SshHost,
  files: Readonly<Record<string, string>>,
): Promise<{ readonly fileOf: (user: string) => string }> {
  const folder = dirname(dirname(dirname(host.file)));
  const homeOf = (user: string): string => (user === host.user ? join(folder, "home") : join(folder, user));
  const fileOf = (user: string): string => join(homeOf(user), ".ssh", "authorized_keys");
  for (const [user, text] of Object.entries(files)) {
    await mkdir(dirname(fileOf(user)), { recursive: true });
    await writeFile(fileOf(user), text);
  }
  const users = [...new Set([host.user, ...Object.keys(files), "nobody"])];
  const lines = users.map((user, at) => {
    const home = user === "nobody" ? "/nonexistent" : homeOf(user);
    return `${user}:x:${1000 + at}:1000:Some, One:${home}:/bin/sh`;
  });
  const script = `#!/bin/sh
shift
test $# -gt 0 || set -- ${users.join(" ")}
for user in "$@"; do
  case $user in
${lines.map((line) => `  ${line.split(":")[0]}) echo '${line}' ;;`).join("\n")}
  esac
done
`;
  const getent = join(folder, "bin", "getent");
  await writeFile(getent, script);
  await chmod(getent, 0o755);
  return { fileOf };
}
