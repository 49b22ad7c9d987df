import { EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import { PARTLY_TOLD } from "../../../core/ports/channel.ts";
import { serverWords } from "../../clients/http/server-words.ts";

/** Failures before the mail itself was handed over: nobody was told. */
const BEFORE = /^(EAUTH|ENOAUTH|EENVELOPE|ETLS|EDNS|ECONFIG|EMAXRECIPIENTS)$/;
/** Failures that another attempt will meet as well. */
const LASTING = /^(EAUTH|ENOAUTH|ECONFIG|EMAXRECIPIENTS)$/;

/** What people are told of a failure of the mail library. Of the server's words, only what is no secret. */
export function failureError(label: string, error: unknown, password: Secret | undefined): EffectError {
  const { code, command, status, response } = factsOf(error);
  if (code === "EABORT") {
    return new EffectError("unknown", "channel-no-answer", `${label} did not answer in time`, {
      evidence: "nothing came within the time limit",
      fix: "check that this runner reaches the mail server; the next run tries again",
    });
  }
  const words =
    response === undefined ? undefined : serverWords(response, password === undefined ? [] : [password]);
  const evidence = [code ?? "no code", ...(words === undefined ? [] : [`it says: ${words}`])].join("; ");
  const isRefused = status !== undefined || BEFORE.test(code ?? "") || command === "CONN";
  const isLasting = LASTING.test(code ?? "") || (status !== undefined && status >= 500);
  return new EffectError(
    isRefused ? "refused" : "unknown",
    "channel-refused",
    `${label} did not take the mail`,
    {
      evidence,
      fix: fixOf(code, command),
      retryable: !isLasting,
    },
  );
}

/** Some recipients were refused, though the mail was taken. */
export function deliveryError(label: string, accepted: number, rejected: number): EffectError {
  return new EffectError("unknown", PARTLY_TOLD, `${label} refused ${rejected} of the recipients`, {
    evidence: `${accepted} of ${accepted + rejected} were accepted`,
    fix: "check the addresses in `to` of the channel and in `mail` of the teams",
    retryable: false,
  });
}

function factsOf(error: unknown) {
  // Only looked at: each is checked before it is used.
  const facts = (error instanceof Error ? error : {}) as Readonly<Record<string, unknown>>;
  const { code, command, responseCode, response } = facts;
  return {
    code: typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : undefined,
    command: typeof command === "string" ? command : undefined,
    status: typeof responseCode === "number" ? responseCode : undefined,
    response: typeof response === "string" ? response : undefined,
  };
}

function fixOf(code: string | undefined, command: string | undefined): string {
  if (code === "EAUTH" || code === "ENOAUTH") return "check `user` and `password` of the channel";
  if (code === "ETLS" || code === "ESOCKET") {
    return "check that the server offers TLS on this port, and its certificate and the `ca` of the channel";
  }
  if (code === "EENVELOPE") return "check the addresses in `from`, in `to` and in `mail` of the teams";
  if (command === "CONN") return "check `host` and `port`, and that this runner reaches them";
  return "look into the log of the mail server; the next run tries again";
}
