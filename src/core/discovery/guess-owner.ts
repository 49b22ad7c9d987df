import type { SettingsSpec } from "../documents/settings.ts";
import type { SightingFact } from "../state/discovery-book.ts";

/** Who may answer for something that nobody registered, and how that was guessed. */
export interface OwnerGuess {
  readonly team: string;
  readonly contact: string;
  readonly from: string;
}

export interface GuessWorld {
  readonly teams: NonNullable<SettingsSpec["teams"]>;
  /** Owners of the file that the stub goes to, as CODEOWNERS has them: `@acme/payments`. */
  readonly codeowners: readonly string[];
}

const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
/** Where no team is declared, and nothing says who. */
const NOBODY = "unassigned";

/**
 * The owner by the first hint that means a team: by its name, its mail address or its team on the forge. Where the
 * settings declare no teams any name is one. undefined: nobody can guess, and a person has to say.
 */
export function guessOwner(
  { ownerHints = [] }: Pick<SightingFact, "ownerHints">,
  { teams, codeowners }: GuessWorld,
): OwnerGuess | undefined {
  const owners = codeowners.map((text) => ({ source: "CODEOWNERS", text }));
  const hints = [...ownerHints, ...owners];
  const mail = ownerHints.map(({ text }) => text).find((text) => MAIL.test(text));
  for (const { source, text } of hints) {
    const team = teamOf(text, teams);
    if (team === undefined) continue;
    const { mail: box, slack } = teams[team] ?? {};
    return { team, contact: mail ?? box ?? slack ?? text, from: source };
  }
  if (Object.keys(teams).length > 0) return undefined;
  const [first] = ownerHints;
  const team = slugOf(first?.text.replace(/@.*$/, "") ?? "");
  if (first === undefined || team === "") return { team: NOBODY, contact: NOBODY, from: "nothing" };
  return { team, contact: mail ?? first.text, from: first.source };
}

function teamOf(text: string, teams: GuessWorld["teams"]): string | undefined {
  const wanted = text.trim().toLowerCase().replace(/^@/, "");
  const slug = slugOf(wanted);
  return Object.entries(teams).find(([name, { mail, slack, github }]) => {
    const known = [name, mail, slack, github].flatMap((word) => word?.toLowerCase().replace(/^@/, "") ?? []);
    return known.includes(wanted) || name === slug || name === slugOf(wanted.split("/").at(-1) ?? "");
  })?.[0];
}

/** A text as a name of this product; empty where nothing of it can be one. */
export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 56)
    .replace(/-+$/, "");
}
