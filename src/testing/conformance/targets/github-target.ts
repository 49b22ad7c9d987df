import { GITHUB_TOKEN, startGithub } from "../../services/github/github-service.ts";
import { EVERYTHING } from "../../services/github/permissions.ts";
import { keyIn, valueOf } from "./aws-targets.ts";
import type { Phase, Target, TargetContext } from "./target.ts";
import { type Passing, startTargetFront } from "./target-front.ts";

const REPOSITORY = "acme/orders";
const PLACE = `repository ${REPOSITORY}`;
const SECRET = "ORDERS_KEY";

/** A secret of a repository, which a person had put there. One value holds the whole key: nobody reads half of it. */
export async function openGithubTarget({ name, first, clock, shared }: TargetContext): Promise<Target> {
  const service = await startGithub({ description: shared.github });
  service.addPlace(PLACE);
  const upstream = new URL(service.url);
  const front = await startTargetFront(upstream.origin, {
    phaseOf,
    refusal: { status: 422, body: '{"message":"Validation Failed","documentation_url":"https://docs"}' },
    error: { status: 500, body: '{"message":"Server Error","documentation_url":"https://docs"}' },
  });
  const tick = (): void => service.advance(Math.max(0, Math.floor(clock() / 1000) - service.now()));
  front.touch = tick;
  const put = (value: string): void => {
    const now = new Date(service.now() * 1000).toISOString().replace(".000", "");
    service.place(PLACE).secrets.set(SECRET, { value, createdAt: now, updatedAt: now });
  };
  put(valueOf(first));
  return {
    kind: "github-secret",
    mentioned: REPOSITORY,
    entry: `github-secret: { connection: ${name}-github, scope: repository, repository: ${REPOSITORY}, values: { ${SECRET}: "{accessKeyId} {secretAccessKey}" } }`,
    connections: {
      [`${name}-github`]: `github: { url: "${front.url}${upstream.pathname}", token: { env: GITHUB_ACCESS } }`,
    },
    secrets: { GITHUB_ACCESS: GITHUB_TOKEN },
    current: async () => keyIn(service.seen(PLACE, SECRET)),
    attempts: async () => {
      const variables = [...service.place(PLACE).variables.values()].map(({ value }) => JSON.parse(value));
      const [marker] = variables;
      return { current: marker?.attempt ?? marker?.pushing, pending: undefined };
    },
    disturb: (how) => {
      front.disturbance = how;
    },
    disturbed: () => front.disturbed,
    putBack: async (before) => {
      tick();
      put(valueOf(before));
    },
    spoil: async (how) => {
      if (how === "an archived repository") service.archive(REPOSITORY);
      else if (how === "no permission for secrets") service.permit({ metadata: "read" });
      else if (how === "a token that is over") {
        front.touch = (request) => {
          tick();
          request.headers["authorization"] = "token of-yesterday";
        };
      } else throw new Error(`no way to spoil a secret of GitHub: ${how}`);
    },
    mend: async () => {
      service.permit(EVERYTHING);
      front.touch = tick;
    },
    stop: async () => {
      await front.close();
      await service.close();
    },
  };
}

function phaseOf({ method, url }: Passing): Phase | undefined {
  return method === "PUT" && url.includes("/secrets/") ? "push" : undefined;
}
