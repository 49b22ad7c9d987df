import type { Finding, FindingCode } from "./finding.ts";

interface ToldSighting {
  readonly fact: (name: string) => string;
  readonly finding: Finding;
  /** The credential; empty where nobody registered it. */
  readonly name: string;
}

type DiscoveryCode = Extract<
  FindingCode,
  "ghost" | "unmanaged" | "shared-credential" | "discovery-concern" | "discovery-incomplete"
>;

/** Kinds of things that sources show, with their article. */
const KINDS: Readonly<Record<string, string>> = {
  "aws-access-key": "The AWS access key",
  "postgresql-login": "The PostgreSQL login",
  "tls-certificate": "The certificate",
  "ssh-key": "The SSH key",
  "kubernetes-tls": "The TLS secret",
  "github-secret": "The GitHub secret",
};

/** What is said of what discovery saw, and what helps. */
export const DISCOVERY_WORDS: Readonly<
  Record<DiscoveryCode, (told: ToldSighting) => { readonly message: string; readonly fix: string }>
> = {
  ghost: ({ fact, name }) => ({
    message: `${name} is registered, but ${fact("source")} does not show it: its place was looked at whole at ${fact("lookedAt")}.`,
    fix: `If it is gone for good, retire it (\`cre retire ${name}\`); else correct its \`provider\` or \`handle\`.`,
  }),
  unmanaged: ({ fact, finding }) => ({
    message: `${thing(fact)} at ${places(fact)} is not registered (seen by ${fact("source")} since ${day(fact, "firstSeenAt")}${dates(fact, finding)}).`,
    fix: `Register it (\`cre discover --write\` writes a stub${guess(fact, finding)}), end it there, or accept it for a while with an exception from \`unmanaged\`.`,
  }),
  "shared-credential": ({ fact, name }) => ({
    message: `${thing(fact)}${name === "" ? "" : `, which is ${name},`} is in use in several places: ${places(fact)}.`,
    fix: "Give each place its own: who gets hold of one has them all, and none can be ended alone. If that is meant, name all places in one document, or ask for an exception.",
  }),
  "discovery-concern": ({ fact, name }) => ({
    message: `${thing(fact)}${name === "" ? "" : ` of ${name}`} at ${places(fact)}: ${fact("concerns")}.`,
    fix: "Replace it by one without this weakness; a rotation of a registered one does.",
  }),
  "discovery-incomplete": ({ fact }) => ({
    message: `The source ${fact("source")} was not seen whole: ${fact("reason")}.`,
    fix: `Mend the cause; \`cre discover --source ${fact("source")}\` looks again. Until then nothing that it does not show counts as gone, and what is unmanaged there may be unseen.`,
  }),
};

function thing(fact: ToldSighting["fact"]): string {
  return `${KINDS[fact("kind")] ?? fact("kind")} ${fact("handle")}`;
}

function places(fact: ToldSighting["fact"]): string {
  const more = Number(fact("places")) - 1;
  return more > 0 ? `${fact("place")} and ${more} more` : fact("place");
}

function day(fact: ToldSighting["fact"], name: string): string {
  return fact(name).slice(0, 10);
}

function dates(fact: ToldSighting["fact"], { facts }: Finding): string {
  const parts = [
    ...(facts["createdAt"] === undefined ? [] : [`made ${day(fact, "createdAt")}`]),
    ...(facts["lastUsedOn"] === undefined ? [] : [`last used ${fact("lastUsedOn")}`]),
    ...(facts["live"] === 0 ? ["not able to authenticate now"] : []),
  ];
  return parts.map((part) => `, ${part}`).join("");
}

function guess(fact: ToldSighting["fact"], { facts }: Finding): string {
  return facts["owner"] === undefined ? "" : `; it may belong to ${fact("owner")}`;
}
