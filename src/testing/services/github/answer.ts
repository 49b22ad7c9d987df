/** What GitHub answers. */
export interface GithubAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refusal(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): GithubAnswer {
  return {
    status,
    body: { message, documentation_url: "https://docs.github.com/rest", status: String(status) },
    headers,
  };
}

export const NOT_FOUND = refusal(404, "Not Found");

/** GitHub's word for a request whose values it does not take: a sentence, or a field and a code. */
export function invalid(message: string, field?: string): GithubAnswer {
  const error = field === undefined ? { code: "custom", message } : { code: message, field };
  const { body } = refusal(422, "Validation Failed");
  return { status: 422, body: Object.assign({}, body, { errors: [{ resource: "Thing", ...error }] }) };
}

/** One page of a list, with the addresses of the others in the header `link`. */
export function paged(items: readonly unknown[], address: URL): GithubAnswer {
  const size = Math.min(Number(address.searchParams.get("per_page") ?? 30), 100);
  const page = Number(address.searchParams.get("page") ?? 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (to: number, relation: string): string => {
    const target = new URL(address);
    target.searchParams.set("page", String(to));
    return `<${target.href}>; rel="${relation}"`;
  };
  const links = [
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
    ...(page > 1 ? [link(page - 1, "prev"), link(1, "first")] : []),
  ];
  return {
    status: 200,
    body: items.slice((page - 1) * size, page * size),
    ...(links.length === 0 ? {} : { headers: { link: links.join(", ") } }),
  };
}
