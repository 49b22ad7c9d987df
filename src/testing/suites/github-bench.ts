import { githubSecretDelivery } from "../../adapters/deliveries/github-secret/delivery.ts";
import type { CredentialSpec } from "../../core/documents/credential.ts";
import type { DeliverEntry } from "../../core/documents/deliver.ts";
import { CreError } from "../../core/model/errors.ts";
import { instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type { BoundDelivery } from "../../core/ports/delivery.ts";
import { GITHUB_TOKEN, type GithubService } from "../services/github/github-service.ts";

type Target = NonNullable<DeliverEntry["github-secret"]>;

/** The targets of the three scopes at the stand-in, with the name of the place that the stand-in has for each. */
export const GITHUB_SCOPES = {
  repository: { place: "repository acme/orders", fields: { repository: "acme/orders" } },
  environment: {
    place: "environment acme/orders prod/eu",
    fields: { repository: "acme/orders", environment: "prod/eu" },
  },
  organisation: { place: "organisation acme", fields: { organisation: "acme" } },
} as const;

export type GithubScope = keyof typeof GITHUB_SCOPES;

export interface GithubOptions {
  readonly values?: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly ca?: string;
  readonly url?: string;
  readonly fields?: Partial<Target>;
}

/** The product's github-secret delivery of `orders-db`; while it waits, time goes by at the stand-in. */
export async function bindGithub(
  github: GithubService,
  scope: GithubScope,
  options: GithubOptions = {},
): Promise<BoundDelivery> {
  const { values = { DB_USER: "{username}", DB_PASSWORD: "{password}" }, token = GITHUB_TOKEN, ca } = options;
  const target: Target = {
    connection: "github",
    scope,
    values,
    ...GITHUB_SCOPES[scope].fields,
    ...options.fields,
  };
  return githubSecretDelivery.bind(
    "orders-db",
    // `as`: the delivery takes nothing from it.
    {} as CredentialSpec,
    { "github-secret": target, consumer: "orders-api" },
    {
      clock: { now: () => instantOf(0) },
      secrets: { read: async () => new Secret(token), present: () => true },
      connection: () => ({
        github: {
          url: options.url ?? github.url,
          token: { env: "GITHUB_TOKEN" },
          ...(ca === undefined ? {} : { ca: "certs/github.pem" }),
        },
      }),
      paths: [],
      commands: {},
      pause: async (seconds) => github.advance(seconds),
      readFile: () => {
        if (ca === undefined) throw new CreError("file-missing", "no such file");
        return ca;
      },
    },
  );
}

/** The stand-in with all three places in it. */
export function withPlaces(github: GithubService): GithubService {
  github.addPlace("repository acme/orders");
  github.addPlace("environment acme/orders prod/eu");
  github.addPlace("organisation acme");
  return github;
}
