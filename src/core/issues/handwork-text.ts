import type { CredentialSpec } from "../documents/credential.ts";
import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import type { Finding } from "../evaluate/finding.ts";
import { markdownCode, markdownLink, markdownText } from "../text/encode/markdown.ts";
import type { IssuesInput } from "./issues-input.ts";
import { markdownProse, tickList } from "./markdown-parts.ts";
import { isHandwork, seenBefore } from "./proof-of-handwork.ts";
import { targetTexts } from "./targets.ts";

type HandworkInput = Pick<IssuesInput, "state" | "fileUrl" | "book">;

/** What a person has to do to rotate what the runner cannot, as a list to tick off; empty where nobody has to. */
export function handworkBlocks(
  finding: Finding,
  evaluated: EvaluatedCredential | undefined,
  input: HandworkInput,
): readonly (readonly string[])[] {
  if (evaluated === undefined) return [];
  const { spec } = evaluated.source.document;
  const urgent = finding.code === "compromised";
  if (urgent && spec.method === "delegated") return delegatedBlocks(spec);
  if (!isHandwork(finding.code, evaluated)) return [];
  return [
    [urgent ? "### To do now" : "### To do"],
    ...runbookBlock(spec, input),
    tickList([
      makeNew(spec),
      ...bringToTargets(evaluated),
      ...endOld(spec, urgent, finding),
      writeDown(evaluated, finding, input),
    ]),
    commandLine(evaluated),
    [closesWhen(evaluated, input)],
  ];
}

function delegatedBlocks({ delegate, manual }: CredentialSpec): readonly (readonly string[])[] {
  const who = markdownText(delegate?.to ?? "the system that rotates it", 200);
  const where = manual?.console === undefined ? "" : ` (${markdownLink("its console", manual.console)})`;
  return [
    ["### To do now"],
    tickList([
      `Have ${who} make a new version${where}: the runner cannot.`,
      "End every version from before the incident, and what was made with it (sessions, tokens).",
      "See in the logs of the provider what was done with it since.",
    ]),
  ];
}

function runbookBlock(
  { manual }: CredentialSpec,
  { fileUrl }: HandworkInput,
): readonly (readonly string[])[] {
  const steps = manual?.steps;
  if (steps === undefined) return [];
  if (/^[^\s:?#]{1,200}$/.test(steps) && !steps.split("/").includes("..")) {
    return [[`The steps are in ${markdownLink(steps, fileUrl(steps))}.`]];
  }
  const lines = steps.split(/\r?\n/).filter((line) => line.trim() !== "");
  return [lines.slice(0, 40).map((line) => `> ${markdownText(line, 2000)}  `)];
}

function makeNew({ manual }: CredentialSpec): string {
  const where =
    manual?.console === undefined ? "at its provider" : `at ${markdownLink("its console", manual.console)}`;
  return `Make a new one ${where}.`;
}

function bringToTargets({ source }: EvaluatedCredential): readonly string[] {
  const targets = targetTexts(source.document.spec.deliver ?? []);
  if (targets.length === 0) return ["Put it wherever the old one is used."];
  return targets.map((target) => `Bring it to ${target}.`);
}

function commandLine({ name, source }: EvaluatedCredential): readonly string[] {
  if ((source.document.spec.deliver ?? []).length === 0) return [];
  return [`${markdownCode(`cre rotate ${name} --value-stdin`)} brings the value to all of its targets.`];
}

function endOld({ manual }: CredentialSpec, urgent: boolean, { facts }: Finding): readonly string[] {
  if (urgent) {
    return [
      `End every version from before ${markdownText(String(facts["at"] ?? "the incident"))} at once, whoever still uses it, and what was made with it (sessions, tokens).`,
    ];
  }
  const lives = manual?.oldLives;
  const when =
    lives === undefined
      ? "as soon as nobody uses it"
      : `as soon as nobody uses it, which may take ${markdownText(lives)}`;
  return [`End the old one ${when}.`];
}

function writeDown(
  { name, source }: EvaluatedCredential,
  { code }: Finding,
  { book }: HandworkInput,
): string {
  const { handle, expiresAt } = source.document.spec;
  const more = `${handle === undefined ? "" : " --handle HANDLE"}${expiresAt === undefined ? "" : " --expires-at DAY"}`;
  const urgent = code === "compromised";
  const command = markdownCode(`cre rotated ${name}${urgent ? " --at INSTANT" : ""}${more}`);
  const proposal = urgent ? undefined : book.proposals?.[name];
  if (proposal?.state !== "open") {
    return `Write down when it was, with ${command} and a pull request${urgent ? "; an instant after the incident" : ""}.`;
  }
  const link = markdownLink(`pull request ${proposal.number}`, proposal.url);
  const others = more === "" ? "" : markdownProse(", there also the new `handle` or `expiresAt`,");
  return `Write the day into the ${link}${others} and merge it (or ${command}).`;
}

function closesWhen(evaluated: EvaluatedCredential, { state }: HandworkInput): string {
  switch (seenBefore(evaluated, state.statuses.get(evaluated.name))?.by) {
    case "served":
      return "This closes when the date is written down and every place serves a certificate with another key.";
    case "handle":
      return markdownProse(
        "This closes when the document has the date of the rotation and another `handle`.",
      );
    default:
      return markdownProse("This closes when `rotatedAt` of the document says that it was done.");
  }
}
