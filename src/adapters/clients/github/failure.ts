import { EffectError } from "../../../core/model/errors.ts";
import { instantOf } from "../../../core/model/instant.ts";
import { NoAnswer } from "../http/exchange.ts";

/** What the messages call the documents' part in it. */
export interface GithubWords {
  /** Whose token it is: `the connection's token`. */
  readonly token: string;
  /** Where people read which permissions it needs. */
  readonly page: string;
  /** Where the address of the API stands. */
  readonly url: string;
  readonly moved: string;
  readonly throttled: string;
  readonly archived: string;
  readonly refused: string;
}

const DELIVERY_WORDS: GithubWords = {
  token: "the connection's token",
  page: "see the page on github-secret",
  url: "the url of the connection",
  moved:
    "write its new name into the document, or the API's address into the connection: redirects are not followed",
  throttled: "the next run tries again; give this connection a token of its own if it happens often",
  archived: "take the delivery out of the document, or have the repository unarchived",
  refused: "compare the document with what GitHub accepts",
};

/** What was asked of GitHub, for the words of an error. */
export interface GithubCall {
  /** For people: `github-secret acme/orders`. */
  readonly place: string;
  /** What it was for: `put the secret DB_URL`. */
  readonly action: string;
  /** The permission that it needs, as GitHub's pages name it: `Secrets: write`. */
  readonly permission: string;
  /** The request carried a secret: the service's message is left out, since it may quote what it got. */
  readonly carriesSecret?: true;
  /** Default: those of a delivery over a connection. */
  readonly words?: GithubWords;
  /** What is no answer of GitHub's own API is told as unknown, whatever its status: somebody in between wrote it. */
  readonly onlyItsOwn?: true;
}

interface Verdict {
  readonly outcome: "refused" | "unknown";
  readonly code: string;
  readonly problem: string;
  readonly fix: string;
  readonly retryable?: boolean;
}

/** No request has left yet when these happen. */
const BEFORE_SENDING = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/**
 * The EffectError of a call that Octokit rejected. An answer of the 3xx and 4xx promises that nothing was changed; no
 * answer, 408 and 5xx leave it unknown.
 */
export function githubFailure(error: unknown, call: GithubCall): EffectError {
  if (error instanceof EffectError) return error;
  const answer = answerOf(error);
  const { outcome, code, problem, fix, retryable } =
    answer === undefined ? withoutAnswer(error, call) : verdictOn(answer, call);
  return new EffectError(outcome, code, problem, {
    evidence: answer === undefined ? reasonOf(error) : evidenceOf(answer, call.carriesSecret === true),
    fix,
    ...(retryable === undefined ? {} : { retryable }),
  });
}

/** GitHub answers a request for something that has another address now; it is never asked there. */
export function movedFailure(
  status: number,
  { place, action, words = DELIVERY_WORDS }: GithubCall,
): EffectError {
  return new EffectError(
    "refused",
    "moved",
    `${place} has another name now, so the runner did not ${action}`,
    {
      evidence: `status ${status}`,
      fix: words.moved,
      retryable: false,
    },
  );
}

interface Answer {
  readonly status: number;
  readonly message: string;
  header(name: string): string | undefined;
}

function answerOf(error: unknown): Answer | undefined {
  if (!(error instanceof Error) || !("response" in error) || !("status" in error)) return undefined;
  const { response, status } = error;
  if (typeof response !== "object" || response === null || typeof status !== "number") return undefined;
  // `as`: what Octokit puts there, each looked at before it is used.
  const { headers, data } = response as { headers?: Record<string, unknown>; data?: unknown };
  return {
    status,
    message: messageIn(data),
    header: (name) => {
      const value = headers?.[name];
      return typeof value === "string" ? value : undefined;
    },
  };
}

/** What GitHub says, with what it says of single fields: `Validation Failed: name already_exists`. */
function messageIn(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  // `as`: each is looked at before it is used.
  const { message, errors } = data as { readonly message?: unknown; readonly errors?: unknown };
  const details = (Array.isArray(errors) ? errors : []).map((error: unknown) => {
    if (typeof error !== "object" || error === null) return error;
    // `as`: likewise.
    const { message: text, field, code } = error as Readonly<Record<string, unknown>>;
    return text ?? `${typeof field === "string" ? field : ""} ${typeof code === "string" ? code : ""}`.trim();
  });
  return [message, ...details].filter((text) => typeof text === "string" && text !== "").join(": ");
}

function verdictOn(answer: Answer, call: GithubCall): Verdict {
  const { place, action, permission, words = DELIVERY_WORDS } = call;
  const { status } = answer;
  if (call.onlyItsOwn === true && status !== 429 && answer.message === "") return unknownVerdict(call);
  if (status === 401) {
    return {
      outcome: "refused",
      code: "login-refused",
      problem: `${place}: GitHub does not know ${words.token}, so the runner could not ${action}`,
      fix: "make a new token, or look whether the GitHub App is still installed",
      retryable: false,
    };
  }
  if (status === 429 || (status === 403 && isThrottled(answer))) {
    return {
      outcome: "refused",
      code: "throttled",
      problem: `${place}: GitHub's rate limit is reached, so the runner could not ${action}`,
      fix: words.throttled,
    };
  }
  if (status === 403 && /archived/i.test(answer.message)) return archivedVerdict(call, words);
  if (status === 403 && /not permitted to create or approve pull requests/i.test(answer.message)) {
    return pullRequestsVerdict(call);
  }
  if (status === 403) {
    const sso = answer.header("x-github-sso") !== undefined;
    return {
      outcome: "refused",
      code: "permission-missing",
      problem: `${place}: ${words.token} may not ${action}`,
      fix: sso
        ? "authorise the token for the organisation's single sign-on"
        : `give it the permission "${permission}" (${words.page})`,
      retryable: false,
    };
  }
  if (status === 404) {
    return {
      outcome: "refused",
      code: "not-found",
      problem: `${place}: GitHub shows nothing there to ${words.token}, so the runner could not ${action}`,
      fix: `check the name, that the token may see it, and that it has the permission "${permission}": GitHub hides what a token may not see`,
      retryable: false,
    };
  }
  if (status === 409) {
    return {
      outcome: "refused",
      code: "conflict",
      problem: `${place}: somebody else changed it while the runner tried to ${action}`,
      fix: "the next run tries again",
    };
  }
  if (status >= 400 && status < 500 && status !== 408) {
    return {
      outcome: "refused",
      code: "refused",
      problem: `${place}: GitHub refused to ${action}`,
      fix: words.refused,
      retryable: false,
    };
  }
  return unknownVerdict(call);
}

function archivedVerdict({ place, action }: GithubCall, { archived }: GithubWords): Verdict {
  return {
    outcome: "refused",
    code: "archived",
    problem: `${place} is archived, so the runner could not ${action}`,
    fix: archived,
    retryable: false,
  };
}

function pullRequestsVerdict({ place, action }: GithubCall): Verdict {
  return {
    outcome: "refused",
    code: "permission-missing",
    problem: `${place}: workflows may not open pull requests here, so the runner could not ${action}`,
    fix: 'allow it under Settings, Actions, General ("Allow GitHub Actions to create and approve pull requests"), or use the token of a GitHub App',
    retryable: false,
  };
}

function withoutAnswer(error: unknown, call: GithubCall): Verdict {
  const { place, action, words = DELIVERY_WORDS } = call;
  if (!BEFORE_SENDING.has(reasonOf(error))) return unknownVerdict(call);
  return {
    outcome: "refused",
    code: "unreachable",
    problem: `${place}: GitHub cannot be reached, so the runner could not ${action}`,
    fix: `check ${words.url} and the network of the runner`,
  };
}

function unknownVerdict({ place, action }: GithubCall): Verdict {
  return {
    outcome: "unknown",
    code: "no-answer",
    problem: `${place}: GitHub gave no answer when the runner tried to ${action}: whether it happened is not known`,
    fix: "look at githubstatus.com; the next run asks what is there before it goes on",
  };
}

function isThrottled(answer: Answer): boolean {
  return (
    answer.header("retry-after") !== undefined ||
    answer.header("x-ratelimit-remaining") === "0" ||
    /rate limit/i.test(answer.message)
  );
}

/** Octokit puts what its `fetch` rejected with into `cause`. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof NoAnswer ? cause.reason : "the answer could not be read";
}

function evidenceOf(answer: Answer, withoutMessage: boolean): string {
  const needed = answer.header("x-accepted-github-permissions");
  const message = withoutMessage ? "" : answer.message.replaceAll(/[^\x20-\x7e]/g, " ").slice(0, 200);
  const permissions =
    needed !== undefined && /^[a-z_=,; ]{1,200}$/.test(needed) ? `GitHub asks for ${needed}` : "";
  return [`status ${answer.status}`, message, permissions, waitOf(answer)]
    .filter((part) => part !== "")
    .join(": ");
}

/** From when on GitHub takes requests again, where it says so. */
function waitOf(answer: Answer): string {
  const seconds = Number(answer.header("retry-after") ?? Number.NaN);
  if (Number.isInteger(seconds) && seconds >= 0) return `to be asked again after ${seconds} s`;
  const reset = Number(answer.header("x-ratelimit-reset") ?? Number.NaN);
  const isUsedUp = answer.header("x-ratelimit-remaining") === "0" && Number.isInteger(reset);
  return isUsedUp ? `to be asked again after ${instantOf(reset)}` : "";
}
