import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import type { Finding } from "../evaluate/finding.ts";
import { findingText } from "../evaluate/message.ts";
import { rotationLine } from "../rotation/rotation-line.ts";
import { isOpen } from "../rotation/transition.ts";
import { areFacts } from "../state/same-facts.ts";
import type { Status } from "../state/status.ts";
import { markdownCode, markdownLink, markdownText } from "../text/encode/markdown.ts";
import { plainLine } from "../text/plain-line.ts";
import { handworkBlocks } from "./handwork-text.ts";
import type { IssuesInput } from "./issues-input.ts";
import { bodyOf, dayOf, markdownProse, markdownTable } from "./markdown-parts.ts";
import { findingKey, markerOf } from "./markers.ts";
import { signingBlocks } from "./signing-text.ts";

/** Lines of access that an issue lists. */
const ACCESS = 20;

type TextInput = Pick<IssuesInput, "evaluation" | "state" | "fileUrl" | "book">;

/** The title of a finding's issue: the same for as long as there is the finding. */
export function findingTitle({ code, credential, policy, discriminator, facts }: Finding): string {
  const about = credential ?? "repository";
  // What makes findings of absent secrets differ has no form for people: zone, secret and who needs it in one.
  const detail = code === "secret-absent" ? (facts["reference"] ?? discriminator) : discriminator;
  const details = [policy, detail].filter((part) => part !== null && part !== "").join(", ");
  return titleText(`${about}: ${code.replaceAll("-", " ")}${details === "" ? "" : ` (${details})`}`);
}

/** A text as a title, which the forge shows as it stands but for mentions and references. */
function titleText(text: string): string {
  return plainLine(text.replaceAll(/([@#])(?=\S)/g, "$1\u{2009}"), 200);
}

/** The body of a finding's issue: problem, fix, facts, what a person has to do, and where its rotation stands. */
export function findingBody(told: Finding, input: TextInput): string {
  const finding = steady(told);
  const { message, fix } = findingText(finding);
  const evaluated =
    finding.credential === null ? undefined : input.evaluation.credentials.get(finding.credential);
  const status = finding.credential === null ? undefined : input.state.statuses.get(finding.credential);
  return bodyOf([
    [markerOf(findingKey(finding.fingerprint))],
    [markdownProse(message)],
    [`**Fix.** ${markdownProse(fix)}`],
    markdownTable(["", ""], factRows(finding, evaluated, input)),
    ...handworkBlocks(finding, evaluated, input),
    ...signingBlocks(finding, status, input),
    rotationBlock(status, input),
    [
      `${markdownCode(`cre explain ${finding.fingerprint}`)} shows how this came about. The issue is kept up to date, and closed by itself when it is no longer true.`,
    ],
  ]);
}

/** A fact that is another at each run would make each run write. */
function steady(finding: Finding): Finding {
  const { now } = finding.facts;
  return now === undefined ? finding : { ...finding, facts: { ...finding.facts, now: dayOf(String(now)) } };
}

function factRows(
  finding: Finding,
  evaluated: EvaluatedCredential | undefined,
  { fileUrl }: TextInput,
): readonly (readonly string[])[] {
  const { credential, level, policy, facts, file } = finding;
  const spec = evaluated?.source.document.spec;
  const since = facts["since"] ?? facts["at"] ?? facts["endsAt"];
  return [
    ...row("Level", level),
    ...row("Credential", spec === undefined ? credential : `${credential} (${spec.type}, ${spec.method})`),
    ...row("Owner", spec && `${spec.owner.team}, ${spec.owner.contact}`),
    ...row("Service", spec?.service),
    ...row("Policy", policy),
    ...row("Due", evaluated?.dueAt && dayOf(evaluated.dueAt)),
    ...row("Since", since === undefined ? undefined : dayOf(String(since))),
    ...row("Last rotated", evaluated && `${dayOf(evaluated.last)} (${evaluated.lastSource})`),
    ...row("Access", spec?.access && accessText(spec.access)),
    ...(file === null ? [] : [["Document", markdownLink(file, fileUrl(file))]]),
  ];
}

/** Nothing for what is not known. */
function row(name: string, value: string | null | undefined): readonly (readonly string[])[] {
  return value === undefined || value === null ? [] : [[name, markdownText(value, 2000)]];
}

function accessText(
  access: NonNullable<EvaluatedCredential["source"]["document"]["spec"]["access"]>,
): string {
  if (access.length === 0) return "nobody";
  const named = access.slice(0, ACCESS).map(({ principal, kind, until }) => {
    return `${plainLine(principal, 60)} (${kind}${until === undefined ? "" : ` until ${until}`})`;
  });
  const more = access.length > ACCESS ? `, and ${access.length - ACCESS} more` : "";
  return `${named.join(", ")}${more}`;
}

function rotationBlock(status: Status | undefined, { evaluation }: TextInput): readonly string[] {
  const words = status === undefined ? undefined : rotationWords(status, evaluation.asOf);
  return words === undefined ? [] : [`**Rotation.** ${words}`];
}

/**
 * Where an open rotation stands, encoded; undefined: there is none. Who is at it just now, and words about a wait that
 * change from run to run, are no news for people.
 */
export function rotationWords(status: Status, now: IssuesInput["evaluation"]["asOf"]): string | undefined {
  const { rotation } = status;
  if (!isOpen(rotation)) return undefined;
  const { lease: _lease, wait, ...free } = rotation;
  const steady = wait === undefined ? {} : { wait: areFacts(wait) ? wait : withoutDetail(wait) };
  const line = rotationLine({ ...status, rotation: { ...free, ...steady } }, now);
  const { step, stands, since, waitsFor, help } = line;
  const at = `${stands === "parked" ? "Parked" : "Under way"} at ${markdownCode(step ?? "")} since ${dayOf(since ?? rotation.openedAt)}`;
  const what = stands === "parked" ? `: ${markdownText(waitsFor)}` : `, waits for ${markdownText(waitsFor)}`;
  const commands = help.map((command) => markdownCode(command)).join(" or ");
  return `${at}${what}.${commands === "" ? "" : ` What helps: ${commands}.`}`;
}

type Wait = NonNullable<NonNullable<Status["rotation"]>["wait"]>;

function withoutDetail({ detail: _detail, ...wait }: Wait): Wait {
  return wait;
}
