import { addTo } from "../../core/model/instant.ts";
import type { Narrator } from "../demo/narrator.ts";
import { startGitHttpRemote } from "../services/git-http.ts";
import { createScratchRepository } from "../services/git-remote.ts";
import { GITHUB_TOKEN, startGithub } from "../services/github/github-service.ts";
import { startZoneServer } from "../suites/acme-hooks.ts";
import { KINDS, worldOf } from "./asking.ts";
import { audit } from "./chapters/audit.ts";
import { compromise } from "./chapters/compromise.ts";
import { discover } from "./chapters/discover.ts";
import { endOldVersions } from "./chapters/end-old-versions.ts";
import { grantException, lapse } from "./chapters/exception.ts";
import { monitor } from "./chapters/monitor.ts";
import { register } from "./chapters/register.ts";
import { revoke } from "./chapters/revoke.ts";
import { rotate } from "./chapters/rotate.ts";
import { buildCre } from "./cre-process.ts";
import { makeFirstVersions } from "./estate/first-versions.ts";
import { type Places, platformDocuments } from "./estate/lifecycle-documents.ts";
import { REPOSITORY } from "./estate/names.ts";
import type { Scene } from "./scene.ts";
import { openServices, type SurroundingsOptions } from "./services/open-services.ts";

const CHAPTERS = [
  register,
  monitor,
  rotate,
  endOldVersions,
  compromise,
  grantException,
  revoke,
  lapse,
  discover,
  audit,
];

/** The life of the credentials of one service, told as it happens. Gives what did not go as the story says. */
export async function tellStory(
  tell: Narrator,
  options: SurroundingsOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const endings: (() => Promise<unknown>)[] = [];
  try {
    const scene = await setScene(tell, options, (ending) => void endings.unshift(ending));
    for (const chapter of CHAPTERS) if (!signal.aborted) await chapter(scene);
    return scene.problems;
  } finally {
    for (const ending of endings) await ending().catch(() => undefined);
  }
}

async function setScene(
  tell: Narrator,
  options: SurroundingsOptions,
  atEnd: (ending: () => Promise<unknown>) => void,
): Promise<Scene> {
  const program = await buildCre();
  atEnd(async () => program.dispose());
  const { clock, services, close } = await openServices(options);
  atEnd(close);
  const github = await startGithub();
  atEnd(async () => github.close());
  const zone = await startZoneServer(async (name, values) => services.acme.setRecord?.(name, values));
  atEnd(async () => zone.close());
  const first = await makeFirstVersions(services, clock);
  await services.timeMoved();
  const began = clock.instant();
  const places: Places = {
    services,
    github: github.url,
    zone: zone.command,
    at: (days) => addTo(began, days * 86_400),
  };
  const repository = await createScratchRepository(platformDocuments(places));
  atEnd(async () => repository.dispose());
  const remote = await startGitHttpRemote(repository.path);
  atEnd(async () => remote.close());
  github.setClock(Math.floor(clock.now() / 1000));
  const hosted = await github.host(REPOSITORY, { bare: repository.path });
  await services.consumer.begin({
    world: worldOf(services),
    key: { id: "k1", secret: first.runner["HOOK_KEY"] ?? "" },
    installed: Object.fromEntries(
      Object.entries(first.parts).map(([name, parts]) => {
        const kind = KINDS[name];
        return [name, { parts, ...(kind === undefined ? {} : { kind }) }];
      }),
    ),
  });
  tell.chapter("The life of a service's credentials, on real services");
  for (const [what, name] of Object.entries(services.names)) tell.say(`${what}: ${name}`);
  tell.say(
    "The time of the runner, the services and the application is moved by this story; nothing else is.",
  );
  const env = {
    ...first.runner,
    GITHUB_TOKEN,
    GITHUB_REPOSITORY: REPOSITORY,
    NO_COLOR: "1",
    COLUMNS: "110",
  };
  return {
    tell,
    clock,
    services,
    github,
    hosted,
    repository,
    remote,
    first,
    places,
    program,
    env,
    printed: [],
    problems: [],
  };
}
