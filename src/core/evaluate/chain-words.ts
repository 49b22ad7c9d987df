import type { FindingCode } from "./finding.ts";

/** A fact of a finding by its name. */
type Fact = (name: string) => string;

interface ToldChain {
  readonly fact: Fact;
  readonly name: string;
}

type ChainCode = Extract<FindingCode, `chain-${string}` | "endpoint-unreachable">;

/** What the place of an endpoint has, and that of a file has not. */
const HOST_AND_PORT = /:\d+( as .*)?$/;
const REPLACE = "issue a new one and serve it";

/** What is said of a certificate where it is served, and what helps. */
export const CHAIN_WORDS: Readonly<
  Record<ChainCode, (told: ToldChain) => { readonly message: string; readonly fix: string }>
> = {
  "chain-expired": ({ fact, name }) => ({
    message: `${fact("place")} serves a chain of ${name} that is over since ${fact("at")}: ${fact("about")}.`,
    fix: "Serve the certificate that replaces it, with the chain that its authority gives today.",
  }),
  "chain-not-yet-valid": ({ fact, name }) => ({
    message: `${fact("place")} serves a chain of ${name} that is valid only from ${fact("at")} on: ${fact("about")}.`,
    fix: "Serve the former certificate until then; if it should be valid by now, look at the clock that made it.",
  }),
  "chain-name-mismatch": ({ fact, name }) => ({
    message: `${fact("place")} serves a certificate of ${name} that is not for ${fact("detail")}, but for ${fact("about")}.`,
    fix: "Serve the one that is for this name (is the server told which by SNI?), or add the name to the certificate. Only subject alternative names count.",
  }),
  "chain-self-signed": ({ fact, name }) => ({
    message: `${fact("place")} serves a certificate of ${name} that signed itself: ${fact("about")}.`,
    fix: `Have it signed by an authority: ${REPLACE}. If its clients are meant to trust just this one, add it to \`network.ca\` of the settings.`,
  }),
  "chain-untrusted": ({ fact, name }) => ({
    message: `${fact("place")} serves a chain of ${name} that leads to a root which is not trusted here: ${fact("about")}.`,
    fix: "If it is your own authority, add its root to `network.ca` of the settings; else have the certificate issued by one that clients trust.",
  }),
  "chain-revoked": ({ fact, name }) => ({
    message: `${fact("place")} serves a chain of ${name} of which ${fact("about")} is revoked (${fact("detail")}).`,
    fix: `${capitalised(REPLACE)} at once; with a new key if the old one was compromised (\`cre compromise ${name}\`).`,
  }),
  "chain-incomplete": ({ fact, name }) =>
    fact("detail") === "found elsewhere"
      ? {
          message: `${fact("place")} does not send an intermediate of ${name}: ${fact("about")}. Clients that do not fetch it themselves cannot connect.`,
          fix: "Serve the whole chain: the part `{fullchain}`, or the file that the authority calls so.",
        }
      : {
          message: `${fact("place")} serves a chain of ${name} that leads nowhere: ${fact("about")}, which signed its last certificate, is neither sent nor known here.`,
          fix: "Serve the whole chain (`{fullchain}`); if that authority is your own root, add it to `network.ca` of the settings.",
        },
  "chain-misordered": ({ fact, name }) => ({
    message: `${fact("place")} sends the chain of ${name} in the wrong order: each signs the one before it only if read in the order ${fact("about")}.`,
    fix: "Put them in that order: the certificate itself, then who signed it, and so on.",
  }),
  "chain-extra": ({ fact, name }) => ({
    message: `${fact("place")} sends with ${name} what belongs to no chain of it, or twice: ${fact("about")}.`,
    fix: "Remove it from the file that the server reads: strict clients refuse it, and it can end before the rest.",
  }),
  "chain-weak-key": ({ fact, name }) => ({
    message: `${fact("place")} serves a chain of ${name} with a weak key: ${fact("about")} has ${fact("detail")}.`,
    fix: `With at least RSA 2048 or EC 256: ${REPLACE}.`,
  }),
  "chain-weak-signature": ({ fact, name }) => ({
    message: `${fact("place")} serves a chain of ${name} with a weak signature: ${fact("about")} is signed by ${fact("detail")}.`,
    fix: `With a signature by SHA-256 or better: ${REPLACE}.`,
  }),
  "chain-differs": ({ fact, name }) => ({
    message: `The addresses of ${fact("place")} serve different certificates of ${name}: ${fact("about")}.`,
    fix: "Find the server that was left out when the certificate was renewed, and give it the new one.",
  }),
  "chain-outdated": ({ fact, name }) => ({
    message: `${fact("place")} serves another certificate than the one of ${name} that is in use (${fact("handle")}): ${fact("about")}.`,
    fix: "See whether what this server reads is among `deliver`, and whether it is told to reload.",
  }),
  "endpoint-unreachable": ({ fact, name }) => ({
    message: `${fact("place")} of ${name} shows no certificate since ${fact("since")}: ${fact("reason")}.`,
    fix: HOST_AND_PORT.test(fact("place"))
      ? "Bring it back, or correct it in the document. What is not public must be named by `network.scan` of the settings."
      : "Put the file there, or correct it in the document. On the runner's host it must lie below one of `paths` of the settings.",
  }),
};

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
