import { type Destination, type Owner, ownerDestination, type Reach } from "../../core/alerts/destination.ts";
import type { Subject } from "../../core/alerts/subject.ts";
import type { SettingsSpec } from "../../core/documents/settings.ts";
import { compareText } from "../../core/evaluate/order.ts";
import type { People } from "../ports.ts";
import type { ReportLine } from "../run-report.ts";
import { failureOf } from "../world.ts";

export interface OwnerFinder {
  readonly at: (owner: Owner) => Destination | undefined;
  /** Channels that cannot be used. */
  readonly lines: readonly ReportLine[];
}

/** Finds who owns what is told; opens the channels when some route is for owners. */
export async function ownerFinder(
  subjects: readonly Subject[],
  settings: SettingsSpec | undefined,
  people: People,
): Promise<OwnerFinder> {
  const routes = settings?.routes ?? [];
  const isAsked =
    subjects.some(({ document }) => document !== undefined) && routes.some(({ to }) => to.includes("owner"));
  const names = isAsked ? Object.keys(settings?.channels ?? {}).toSorted(compareText) : [];
  const channels: Reach[] = [];
  const lines: ReportLine[] = [];
  for (const name of names) {
    try {
      const channel = await people.channel(name);
      channels.push({ name, reaches: (recipient) => channel.reaches(recipient) });
    } catch (error) {
      const text = `alerts: the channel ${name} cannot be used: ${failureOf(error).message}`;
      lines.push({ level: "warning", text });
    }
  }
  const known = new Map<string, Destination | undefined>();
  return {
    at: (owner) => {
      const key = `${owner.team} ${owner.contact}`;
      if (!known.has(key)) known.set(key, ownerDestination(owner, settings?.teams ?? {}, channels));
      return known.get(key);
    },
    lines,
  };
}
