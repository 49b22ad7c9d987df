import type { SettingsSpec } from "../documents/settings.ts";
import type { Recipient } from "../ports/channel.ts";

/** Who is told: a channel of the settings, and the owner where the channel asks for one. */
export interface Destination {
  readonly channel: string;
  readonly recipient: Recipient | undefined;
}

/** What a destination is called in the book and for people: `sec`, or `post mail payments@example.com`. */
export function keyOf({ channel, recipient }: Destination): string {
  if (recipient?.mail !== undefined) return `${channel} mail ${recipient.mail}`;
  if (recipient?.slack !== undefined) return `${channel} slack ${recipient.slack}`;
  return channel;
}

/** The destination of a key: names of channels have no blanks. */
export function destinationOf(key: string): Destination {
  const [, channel = key, kind, address] = /^(\S+) (mail|slack) (.+)$/s.exec(key) ?? [];
  if (kind === undefined || address === undefined) return { channel, recipient: undefined };
  return { channel, recipient: kind === "mail" ? { mail: address } : { slack: address } };
}

/** Who owns a credential, as its document says. */
export interface Owner {
  readonly team: string;
  readonly contact: string;
}

const MAIL = /^[^\s@]+@[^\s@]+$/;

/** How an owning team can be reached, the best way first. */
function recipientsOf(
  { team, contact }: Owner,
  teams: NonNullable<SettingsSpec["teams"]>,
): readonly Recipient[] {
  const known = Object.hasOwn(teams, team) ? teams[team] : undefined;
  const mail = known?.mail ?? (MAIL.test(contact) ? contact : undefined);
  return [
    ...(mail === undefined ? [] : [{ mail }]),
    ...(known?.slack === undefined ? [] : [{ slack: known.slack }]),
  ];
}

/** A channel as far as routing asks. */
export interface Reach {
  readonly name: string;
  reaches(recipient: Recipient): boolean;
}

/** The first channel by name that reaches the owner in the best way there is; undefined: none does. */
export function ownerDestination(
  owner: Owner,
  teams: NonNullable<SettingsSpec["teams"]>,
  channels: readonly Reach[],
): Destination | undefined {
  for (const recipient of recipientsOf(owner, teams)) {
    const channel = channels.find((known) => known.reaches(recipient));
    if (channel !== undefined) return { channel: channel.name, recipient };
  }
  return undefined;
}
