import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Route 53, as far as challenges need it: zones, TXT records, and changes that take their time. */
export interface Route53StandIn {
  readonly endpoint: string;
  /** Values of TXT records by name, quoted as Route 53 has them. */
  readonly records: Map<string, readonly string[]>;
  /** Every change, as `UPSERT name`. */
  readonly changes: readonly string[];
  /** How often a change is told as pending. */
  slow(times: number): void;
  /** Refuses this action from now on. */
  deny(action: string | undefined): void;
  close(): Promise<void>;
}

const XMLNS = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';

/** Starts one with these zones by id; `tell` hears of each record that changes, without quotes. */
export async function startRoute53(
  zones: Readonly<Record<string, { readonly name: string; readonly isPrivate?: boolean }>>,
  tell: (name: string, values: readonly string[]) => Promise<void>,
): Promise<Route53StandIn> {
  const records = new Map<string, readonly string[]>();
  const changes: string[] = [];
  const state: { pending: number; denied: string | undefined } = { pending: 0, denied: undefined };

  const zoneText = ([id, { name, isPrivate = false }]: [string, (typeof zones)[string]]): string =>
    `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}.</Name><CallerReference>x</CallerReference><Config><PrivateZone>${isPrivate}</PrivateZone></Config></HostedZone>`;
  const info = (): string => {
    const status = state.pending > 0 ? "PENDING" : "INSYNC";
    return `<ChangeInfo><Id>/change/C1</Id><Status>${status}</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo>`;
  };
  const setText = (name: string): string => {
    const values = records.get(name) ?? [];
    const list = values
      .map((value) => `<ResourceRecord><Value>${value.replaceAll('"', "&quot;")}</Value></ResourceRecord>`)
      .join("");
    return `<ResourceRecordSet><Name>${name}.</Name><Type>TXT</Type><TTL>30</TTL><ResourceRecords>${list}</ResourceRecords></ResourceRecordSet>`;
  };
  const answerTo = async (method: string, url: URL, body: string): Promise<[number, string]> => {
    const action = actionOf(method, url.pathname);
    if (state.denied === action) {
      return [
        403,
        `<ErrorResponse ${XMLNS}><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: route53:${action}</Message></Error></ErrorResponse>`,
      ];
    }
    if (action === "ListHostedZonesByName") {
      const wanted = url.searchParams.get("dnsname") ?? "";
      const found = Object.entries(zones)
        .filter(([, { name }]) => name === wanted)
        .map(zoneText)
        .join("");
      return [
        200,
        `<ListHostedZonesByNameResponse ${XMLNS}><HostedZones>${found}</HostedZones><IsTruncated>false</IsTruncated><MaxItems>10</MaxItems></ListHostedZonesByNameResponse>`,
      ];
    }
    if (action === "ListResourceRecordSets") {
      const from = (url.searchParams.get("name") ?? "").replace(/\.$/, "");
      const next = [...records.keys()].toSorted().find((name) => name >= from);
      return [
        200,
        `<ListResourceRecordSetsResponse ${XMLNS}><ResourceRecordSets>${next === undefined ? "" : setText(next)}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListResourceRecordSetsResponse>`,
      ];
    }
    if (action === "GetChange") {
      const text = `<GetChangeResponse ${XMLNS}>${info()}</GetChangeResponse>`;
      state.pending = Math.max(0, state.pending - 1);
      return [200, text];
    }
    const verb = /<Action>([A-Z]+)</.exec(body)?.[1] ?? "";
    const name = (/<Name>([^<]+)</.exec(body)?.[1] ?? "").replace(/\.$/, "");
    const values = [...body.matchAll(/<Value>([^<]+)</g)].map(([, value = ""]) =>
      value.replaceAll("&quot;", '"'),
    );
    changes.push(`${verb} ${name}`);
    if (verb === "DELETE") records.delete(name);
    else records.set(name, values);
    await tell(
      name,
      (records.get(name) ?? []).map((value) => value.replaceAll('"', "")),
    );
    return [200, `<ChangeResourceRecordSetsResponse ${XMLNS}>${info()}</ChangeResourceRecordSetsResponse>`];
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://route53");
      answerTo(request.method ?? "", url, Buffer.concat(chunks).toString())
        .then(([status, text]) =>
          response.writeHead(status, { "Content-Type": "text/xml" }).end(`<?xml version="1.0"?>\n${text}`),
        )
        .catch(() => response.destroy());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    records,
    changes,
    slow: (times) => {
      state.pending = times;
    },
    deny: (action) => {
      state.denied = action;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function actionOf(method: string, path: string): string {
  if (path.includes("/hostedzonesbyname")) return "ListHostedZonesByName";
  if (path.includes("/change/")) return "GetChange";
  return method === "POST" ? "ChangeResourceRecordSets" : "ListResourceRecordSets";
}
