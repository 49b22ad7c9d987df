import { mailboxOf } from "../../text/encode/mail-header.ts";
import { type ChannelSpec, reachesOwners } from "../channel.ts";
import type { Sourced } from "../kinds.ts";
import type { Settings } from "../settings.ts";
import { applyRules } from "./apply-rules.ts";
import { isLocalHost } from "./connections.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";

/** Where, the code, what is wrong, what helps. */
type Wrong = readonly [path: FieldPath, code: string, message: string, fix: string];

/** Each channel by itself, and that every route tells somebody. */
export function checkChannels(input: CheckInput): readonly Fault[] {
  const { settings } = input.documents;
  return settings === undefined
    ? []
    : applyRules([settings], input, [channelFaults, routeFaults, ownerWarning]);
}

function faultOf(source: Sourced, base: FieldPath, [path, code, message, fix]: Wrong): Fault {
  return { source, path: [...base, ...path], code, message, fix };
}

function channelFaults(source: Sourced<Settings>): Fault[] {
  return Object.entries(source.document.spec.channels ?? {}).flatMap(([name, spec]) =>
    [...addressFaults(spec), ...slackFaults(spec), ...smtpFaults(spec)].map((wrong) =>
      faultOf(source, ["spec", "channels", name], wrong),
    ),
  );
}

function addressFaults({ slack, webhook, pagerduty }: ChannelSpec): readonly Wrong[] {
  const addresses = [
    ["slack", slack?.url],
    ["webhook", webhook?.url],
    ["pagerduty", pagerduty?.url],
  ] as const;
  return addresses.flatMap(([kind, address]): Wrong[] => {
    if (address === undefined) return [];
    const path = [kind, "url"];
    const url = URL.parse(address);
    if (url === null) {
      return [[path, "channel-url", "`url` is no address", "write https://host/path"]];
    }
    if (url.username !== "" || url.password !== "") {
      const fix = "remove the login: what is in git is read by many, and the address is all that is used";
      return [[path, "channel-url", "`url` has a login in it", fix]];
    }
    if (url.protocol === "https:" || isLocalHost(url.hostname)) return [];
    const message = `\`url\` is http to ${shown(url.hostname)}, which is not this machine: alerts would be readable on the way`;
    return [[path, "channel-url", message, "write an https address"]];
  });
}

function slackFaults({ slack }: ChannelSpec): readonly Wrong[] {
  if (slack?.webhook === undefined) return [];
  return (["channel", "url"] as const).flatMap((key): Wrong[] => {
    if (slack[key] === undefined) return [];
    const message = `\`${key}\` is for a bot with a \`token\`: an incoming webhook has a place of its own`;
    return [[["slack", key], "slack-webhook-place", message, `remove \`${key}\`, or use a \`token\``]];
  });
}

function smtpFaults({ smtp }: ChannelSpec): readonly Wrong[] {
  if (smtp === undefined) return [];
  const { host, tls, user, password, from, to = [] } = smtp;
  const found: Wrong[] = [];
  if (tls === "none" && !isLocalHost(host)) {
    const message = `TLS is off for ${shown(host)}, which is not this machine: mails and the login would be readable on the way`;
    const fix = "remove `tls`, and give the CA of the server as `ca` if it is not a public one";
    found.push([["smtp", "tls"], "tls-disabled", message, fix]);
  }
  if ((user === undefined) !== (password === undefined)) {
    const message = "`user` and `password` belong together, and one is missing";
    found.push([["smtp"], "login-incomplete", message, "add the other, or remove both"]);
  }
  for (const [path, text] of [
    [["smtp", "from"], from] as const,
    ...to.map((text, at) => [["smtp", "to", at], text] as const),
  ]) {
    if (mailboxOf(text) !== undefined) continue;
    found.push([path, ...wrongMailbox(text)]);
  }
  return found;
}

function routeFaults(source: Sourced<Settings>): Fault[] {
  const { routes = [], teams = {} } = source.document.spec;
  const forOwners = ownersChannels(source);
  const placeless = routes.flatMap(({ to, escalateTo = [] }, index) =>
    [["to", to] as const, ["escalateTo", escalateTo] as const].flatMap(([key, names]) =>
      names.flatMap((name, at): Wrong[] => {
        if (!forOwners.includes(name)) return [];
        const message = `the channel ${shown(name)} names no place of its own: it only tells owners`;
        const fix = "write `owner` here, or give the channel its `channel` or `to`";
        return [[["routes", index, key, at], "channel-without-place", message, fix]];
      }),
    ),
  );
  const mails = Object.entries(teams).flatMap(([name, { mail }]): Wrong[] => {
    if (mail === undefined || mailboxOf(mail) !== undefined) return [];
    return [[["teams", name, "mail"], ...wrongMailbox(mail)]];
  });
  return [...placeless, ...mails].map((wrong) => faultOf(source, ["spec"], wrong));
}

/** The owning team has no other way to learn of it than an issue. */
function ownerWarning(source: Sourced<Settings>): Fault[] {
  const { routes = [], channels = {} } = source.document.spec;
  const namesOwner = routes.some(({ to, escalateTo = [] }) => [...to, ...escalateTo].includes("owner"));
  if (!namesOwner || Object.keys(channels).length === 0 || ownersChannels(source).length > 0) return [];
  const message = "routes tell `owner`, and no channel reaches the owning team";
  const fix = "add a slack channel with a `token` and no `channel`, or an smtp channel without `to`";
  return [
    {
      ...faultOf(source, ["spec"], [["channels"], "owner-unreached", message, fix]),
      at: "key",
      warning: true,
    },
  ];
}

function ownersChannels(source: Sourced<Settings>): readonly string[] {
  return Object.entries(source.document.spec.channels ?? {}).flatMap(([name, spec]) =>
    reachesOwners(spec) ? [name] : [],
  );
}

function wrongMailbox(text: string): readonly [code: string, message: string, fix: string] {
  const fix = "write mail@example.com or Name <mail@example.com>";
  return ["mail-address", `${shown(text)} is not one mail address`, fix];
}
