import type { Finding } from "./finding.ts";

/** `ended`: no exception helps any more. */
type Urgency = "soon" | "now" | "ended" | "emergency";

/** How the credential of a finding gets a new version, by who makes it (`way` among the finding's facts). */
export function remedyText({ facts, credential }: Finding, urgency: Urgency): string {
  const name = credential ?? "NAME";
  const text = (fact: string): string => String(facts[fact] ?? "");
  const except = urgency === "now" ? " If that cannot be, ask for an exception: `cre except`." : "";
  switch (facts["way"]) {
    case "underway":
      return `A rotation is under way, at ${text("step")}: \`cre status ${name}\` shows what it waits for.`;
    case "parked":
      return `Its rotation is parked, at ${text("step")}: \`cre status ${name}\` shows why and what helps.`;
    case "manual": {
      const where = facts["console"] === undefined ? "" : ` at ${text("console")}`;
      const how = facts["steps"] === undefined ? "" : ` (${text("steps")})`;
      if (urgency === "emergency") {
        return `Make a new one${where}${how}, end every one from before at once, then record it: \`cre rotated ${name}\`.`;
      }
      return `Make a new one${where}${how}, then record it: \`cre rotated ${name}\`.${except}`;
    }
    case "delegated":
      if (urgency === "emergency") {
        return `Have ${text("to")} make a new version, and end every one from before at once: the runner cannot.`;
      }
      return `Find out why ${text("to")}, which rotates it, has not done so.${except}`;
    case "automatic":
      if (urgency === "soon") return "Nothing to do: the next run inside its window starts the rotation.";
      return `The next run inside its window starts the rotation; \`cre rotate ${name}\` does it now.${except}`;
    default:
      if (urgency === "emergency") {
        return `The next run replaces it; \`cre compromise ${name} --reason TEXT --wait\` does so now and shows the evidence.`;
      }
      return `Rotate it: \`cre rotate ${name}\`.${except}`;
  }
}
