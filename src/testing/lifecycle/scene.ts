import type { Narrator } from "../demo/narrator.ts";
import type { GitHttpRemote } from "../services/git-http.ts";
import type { ScratchClone, ScratchRepository } from "../services/git-remote.ts";
import type { GithubService } from "../services/github/github-service.ts";
import type { HostedRepository } from "../services/github/hosted-repository.ts";
import type { CreProgram, Ended } from "./cre-process.ts";
import type { FirstVersions } from "./estate/first-versions.ts";
import type { Places } from "./estate/lifecycle-documents.ts";
import type { LifecycleServices } from "./services/lifecycle-services.ts";
import type { StoryClock } from "./story-clock.ts";

/** Everything that the chapters of the story have in common. */
export interface Scene {
  readonly tell: Narrator;
  readonly clock: StoryClock;
  readonly services: LifecycleServices;
  readonly github: GithubService;
  readonly hosted: HostedRepository;
  readonly repository: ScratchRepository;
  readonly remote: GitHttpRemote;
  readonly first: FirstVersions;
  readonly places: Places;
  readonly program: CreProgram;
  /** What every runner has in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything that any command has printed. */
  readonly printed: string[];
  /** What did not go as the story says. */
  readonly problems: string[];
}

/** A command line that runs, on the clock of the moment. */
export interface RunningCre {
  readonly kill: () => void;
  readonly ended: Promise<Ended>;
}

/** A fresh clone by HTTP: what a runner on another machine starts from. */
export async function clone({ repository, remote }: Scene): Promise<ScratchClone> {
  return repository.clone({ url: remote.url });
}

/** Starts a command line in a fresh clone. `as` is who types it. */
export async function startCre(scene: Scene, args: readonly string[], as = "scheduler"): Promise<RunningCre> {
  const { path, env } = await clone(scene);
  scene.tell.command(`cre ${args.join(" ")}`);
  const { child, ended } = scene.program.start({
    args,
    cwd: path,
    env: { ...env, ...scene.env, USER: as },
    ahead: scene.clock.ahead,
  });
  return { kill: () => void child.kill("SIGKILL"), ended };
}

/** Runs a command line to its end, tells what it printed, and notes any other end than the expected one. */
export async function cre(
  scene: Scene,
  args: readonly string[],
  { as = "scheduler", expected = 0, quiet = false } = {},
): Promise<string> {
  const { code, printed } = await (await startCre(scene, args, as)).ended;
  scene.printed.push(printed);
  if (!quiet || code !== expected) scene.tell.output(printed);
  check(scene, code === expected, `it ended with ${code}`, code === expected);
  return printed;
}

/** Notes what must hold. `silently` tells only of what does not. */
export function check(scene: Scene, held: boolean, text: string, silently = false): void {
  if (!held) {
    scene.problems.push(text);
    scene.tell.bad(text);
  } else if (!silently) scene.tell.good(text);
}

/** The time is now so many days and hours after the beginning, for everybody. */
export async function moveTo(scene: Scene, days: number, hours = 0): Promise<void> {
  const { clock, services, github, tell } = scene;
  await clock.move(days * 86_400 + hours * 3600);
  await services.timeMoved();
  github.setClock(Math.floor(clock.now() / 1000));
  tell.say(
    `It is ${clock.instant().slice(0, 16).replace("T", " ")} (day ${days}${hours === 0 ? "" : `, hour ${hours}`}).`,
  );
}
