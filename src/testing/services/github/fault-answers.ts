import { type GithubAnswer, refusal } from "./answer.ts";
import type { GithubFault } from "./faults.ts";

export const FAULT_ANSWERS: Readonly<Partial<Record<GithubFault, GithubAnswer>>> = {
  denied: refusal(403, "Resource not accessible by integration"),
  noPulls: refusal(403, "GitHub Actions is not permitted to create or approve pull requests."),
  hidden: refusal(404, "Not Found"),
  throttled: refusal(
    403,
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    {
      "retry-after": "60",
    },
  ),
  limited: refusal(403, "API rate limit exceeded for installation ID 1.", {
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "1790003600",
  }),
  busy: refusal(429, "Too many requests", { "retry-after": "30" }),
  moved: { status: 307, body: { message: "Moved Permanently" }, headers: { location: "/elsewhere" } },
  conflict: refusal(409, "Conflict"),
  invalid: refusal(422, "Validation Failed"),
  error500: refusal(500, "Server Error"),
};

/** What somebody in between answers instead of GitHub. */
export function pageInstead(
  fault: GithubFault | undefined,
  text: string,
): { readonly status: number; readonly headers: Record<string, string>; readonly text: string } | undefined {
  if (fault === "garbage") {
    return { status: 200, headers: { "content-type": "application/json" }, text: '{"id": 1, "user' };
  }
  if (fault?.startsWith("page") !== true) return undefined;
  const headers = { "content-type": "text/html" };
  return { status: Number(fault.slice(-3)), headers, text: `<html>${text}</html>` };
}

/** What services behind a gateway like to do with a request they cannot take. */
export function quoting(answer: GithubAnswer, text: string): GithubAnswer {
  const { message } = answer.body as { message: string };
  return { ...answer, body: { message: `${message} ${text}` } };
}
