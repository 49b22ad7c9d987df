import { plainLine } from "../plain-line.ts";
import { BREAK, keepPicturesApart } from "./keep-apart.ts";
import { withoutMarks } from "./look-alikes.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? "");
}

/**
 * A text as plain words of Slack's `mrkdwn` and of `text`, on one line: no mention, link, picture or format comes of
 * it. Slack has an escape for its control sequences alone (https://docs.slack.dev/messaging/formatting-message-text).
 */
export function slackText(text: string, most?: number): string {
  return escaped(withoutMarks(keepPicturesApart(plainLine(text, most))));
}

/**
 * A text for an object of the type `plain_text`, on one line, for which `emoji` is false. Slack should read nothing in
 * it but entities; where a service that is like Slack reads more, it finds nothing.
 */
export function slackPlainText(text: string, most?: number): string {
  return keepPicturesApart(plainLine(text, most))
    .replaceAll(/<(?=\S)/g, `<${BREAK}`)
    .replaceAll(/&(?=[#\w])/g, `&${BREAK}`);
}

/** A text as code, on one line. */
export function slackCode(text: string, most?: number): string {
  const line = plainLine(text, most).replaceAll("`", "'");
  return line === "" ? "" : `\`${escaped(line)}\``;
}

/** A link with a text of its own; only the text where the address is not https. */
export function slackLink(text: string, address: string | undefined): string {
  const url = address === undefined ? null : URL.parse(address);
  // What is behind the bar of a link is its text.
  const words = slackText(text.replaceAll("|", "/"));
  return url?.protocol === "https:" ? `<${escaped(url.href).replaceAll("|", "%7C")}|${words}>` : words;
}
