import { titleOf } from "../core/certificates/judge.ts";
import type { Served, ServedPlace } from "../core/state/served.ts";
import { shortTime } from "./looking.ts";
import { renderTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** What the places of a certificate show, one row for each certificate of each chain; empty where nobody looked yet. */
export function servedText(served: Served | undefined, terminal: Pick<Terminal, "width" | "style">): string {
  if (served === undefined) return "";
  const columns = [
    { title: "place", shrinksTo: 12 },
    { title: "certificate", shrinksTo: 12 },
    { title: "ends" },
    { title: "key" },
    { title: "trouble", shrinksTo: 16, wraps: true },
  ];
  const rows = served.places.flatMap((place) => rowsOf(place, served));
  return `\nServed (so since ${served.since})\n${renderTable(terminal, columns, rows)}`;
}

function rowsOf({ place, chains, unseen = [] }: ServedPlace, { certificates }: Served): readonly string[][] {
  const known = new Map(certificates.map((certificate) => [certificate.fingerprint, certificate]));
  const shown = chains.flatMap(({ addresses, chain, problems = [] }) =>
    chain.flatMap((fingerprint, at) => {
      const certificate = known.get(fingerprint);
      if (certificate === undefined) return [];
      const where = at > 0 ? "" : [place, ...(addresses ?? [])].join(" ");
      const trouble = at > 0 ? [] : problems.map(({ code, about }) => `${code}: ${about}`);
      return [
        [where, titleOf(certificate), shortTime(certificate.notAfter), certificate.key, trouble.join("; ")],
      ];
    }),
  );
  const missing = unseen.map(({ addresses = [], message, since }) => [
    [place, ...addresses].join(" "),
    "-",
    "-",
    "-",
    `${message} (since ${shortTime(since)})`,
  ]);
  return [...shown, ...missing];
}
