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

/** How a command line is started. */
export interface CreOptions {
  /** Who types it; default: the scheduler. */
  readonly as?: string;
  readonly expected?: number;
  /** What it prints is told only where it ends in another way than expected. */
  readonly quiet?: boolean;
}

/** Starts a command line in a fresh clone. */
export async function startCre(scene: Scene, args: readonly string[]): Promise<RunningCre> {
  const { path } = await clone(scene);
  return start(scene, path, args, "scheduler");
}

/** Runs a command line in a fresh clone to its end. */
export async function cre(scene: Scene, args: readonly string[], options: CreOptions = {}): Promise<string> {
  const { path } = await clone(scene);
  return creIn(scene, path, args, options);
}

/** Runs a command line to its end, tells what it printed, and notes any other end than the expected one. */
export async function creIn(
  scene: Scene,
  path: string,
  args: readonly string[],
  { as = "scheduler", expected = 0, quiet = false }: CreOptions = {},
): Promise<string> {
  const { code, printed } = await start(scene, path, args, as).ended;
  scene.printed.push(printed);
  if (!quiet || code !== expected) scene.tell.output(printed);
  check(scene, code === expected, `it ended with ${code}`, code === expected);
  return printed;
}

function start(
  { tell, program, repository, env, clock }: Scene,
  path: string,
  args: readonly string[],
  as: string,
): RunningCre {
  tell.command(`cre ${args.join(" ")}`);
  const { child, ended } = program.start({
    args,
    cwd: path,
    env: { ...repository.env, ...env, USER: as },
    ahead: clock.ahead,
  });
  return { kill: () => void child.kill("SIGKILL"), ended };
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
