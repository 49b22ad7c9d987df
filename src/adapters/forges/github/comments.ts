import type { Forge } from "../../../core/ports/forge.ts";
import { listOf, loginIn, maybeText, numberOf } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
}

type Login = Forge["login"];

/** `comment` and `keepComment`. A comment counts as own by its author alone: its text is anybody's. */
export function githubComments(api: GithubApi, login: Login): Pick<Forge, "comment" | "keepComment"> {
  const comment = async (number: number, body: string, signal: AbortSignal): Promise<void> => {
    const asked: Asked = {
      method: "POST",
      path: "/issues/{issue_number}/comments",
      action: `comment on #${number}`,
      permission: "Issues: write",
      fields: { issue_number: number, body },
    };
    await api.ask(asked, signal, ({ data }) => numberOf(data, "id"));
  };
  return {
    comment,
    keepComment: async (number, marker, text, signal, mode) => {
      const body = text.includes(marker) ? text : `${text}\n\n${marker}`;
      const me = await login(signal);
      const all = await commentsOf(api, number, signal);
      const [first, ...rest] = all.filter((one) => one.author === me && one.body.includes(marker));
      if (first === undefined) {
        if (mode !== "change-only") await comment(number, body, signal);
        return;
      }
      if (withoutReturns(first.body) !== withoutReturns(body)) {
        await changeComment(api, "PATCH", { number, id: first.id, body }, signal);
      }
      // Two runs at once made one each.
      for (const { id } of rest) await changeComment(api, "DELETE", { number, id }, signal);
    },
  };
}

async function commentsOf(api: GithubApi, number: number, signal: AbortSignal): Promise<readonly Comment[]> {
  const asked: Asked = {
    method: "GET",
    path: "/issues/{issue_number}/comments",
    action: `read the comments of #${number}`,
    permission: "Issues: read",
    fields: { issue_number: number },
  };
  return api.list(asked, signal, (data) =>
    listOf(data).map(
      (one): Comment => ({
        id: numberOf(one, "id"),
        body: maybeText(one, "body") ?? "",
        author: loginIn(one, "user"),
      }),
    ),
  );
}

async function changeComment(
  api: GithubApi,
  method: "PATCH" | "DELETE",
  { number, id, body }: { readonly number: number; readonly id: number; readonly body?: string },
  signal: AbortSignal,
): Promise<void> {
  const asked: Asked = {
    method,
    path: "/issues/comments/{comment_id}",
    action: `${method === "PATCH" ? "change" : "delete"} the runner's comment on #${number}`,
    permission: "Issues: write",
    fields: { comment_id: id, ...(body === undefined ? {} : { body }) },
  };
  if (method === "DELETE") await api.askMaybe(asked, signal, () => undefined);
  else await api.ask(asked, signal, ({ data }) => numberOf(data, "id"));
}

/** GitHub's web pages write line ends of two characters. */
function withoutReturns(text: string): string {
  return text.replaceAll("\r\n", "\n").trimEnd();
}
