import type { Sourced } from "../../core/documents/kinds.ts";
import {
  at,
  credential,
  exception,
  incident,
  policy,
  rotation,
  settings,
  status,
  version,
} from "../evaluation/world.ts";
import { issueBench } from "./issue-bench.ts";

/** A text as people see it at the forge. */
export interface Example {
  readonly title: string;
  readonly body: string;
}

const POLICIES: readonly Sourced[] = [
  policy("api-keys", { match: { types: ["api-key"] }, rotateWithin: "90d", enforcement: "rotate" }),
  policy("certificates", {
    match: { types: ["tls-certificate"] },
    rotateWithin: "90d",
    enforcement: "rotate",
  }),
  settings({
    forge: { kind: "github" },
    teams: { payments: { github: "paula" }, web: {} },
    issues: { perOwner: 5 },
  }),
];

const REQUEST = `-----BEGIN CERTIFICATE REQUEST-----
MIHcMIGDAgEAMCExHzAdBgNVBAMMFnNob3AuZXhhbXBsZS5jb20wWTATBgcqhkjO
PQIBBggqhkjOPQMBBwNCAAQ=
-----END CERTIFICATE REQUEST-----`;

/** One text of each kind, made as a run makes them, by the name under which the page of issues shows it. */
export async function issueExamples(): Promise<ReadonlyMap<string, Example>> {
  const payments = credential("payments-key", {
    service: "checkout",
    rotatedAt: "2026-08-01",
    manual: {
      console: "https://dashboard.example.com/apikeys",
      steps: "docs/runbooks/payments-key.md",
      oldLives: "7d",
    },
    deliver: [{ webhook: { connection: "checkout-hook" }, consumer: "checkout" }],
    access: [{ principal: "checkout", kind: "service" }],
  });
  const leaked = credential("mail-key", {
    rotatedAt: "2026-11-01",
    manual: { console: "https://mail.example.com/keys" },
  });
  const managed = credential("cdn-key", { method: "delegated", delegate: { to: "the CDN's own rotation" } });
  const shop = credential("shop-certificate", {
    type: "tls-certificate",
    service: "shop",
    method: "automated",
    owner: { team: "web", contact: "web@example.com" },
    provider: { csr: { names: ["shop.example.com", "10.1.2.3"], certificate: "certs/shop.pem" } },
    deliver: [{ webhook: { connection: "shop-hook" }, consumer: "shop" }],
    rotatedAt: "2026-09-20",
  });
  const search = credential("search-key", {
    method: "automated",
    owner: { team: "web", contact: "web@example.com" },
    provider: { "aws-iam": { connection: "aws", user: "search" } },
    deliver: [{ "env-file": { path: "/etc/search.env", values: { KEY: "{secretAccessKey}" } } }],
    rotatedAt: "2026-10-01",
  });
  const legacy = Array.from({ length: 7 }, (_, index) =>
    credential(`legacy-${index + 1}`, {
      owner: { team: "legacy", contact: "legacy@example.com" },
      rotatedAt: "2026-05-01",
    }),
  );
  const ending = exception("checkout-freeze", {
    credentials: ["payments-key"],
    policy: "certificates",
    startsAt: "2026-11-01",
    expiresAt: "2026-12-03",
  });
  const bench = issueBench(
    "2026-11-30T08:00:00Z",
    ...POLICIES,
    payments,
    leaked,
    managed,
    shop,
    search,
    ending,
    ...legacy,
  );
  bench.state = {
    incidents: [
      incident("mail-key-20261130T031200Z", "mail-key", "2026-11-30T03:12:00Z"),
      incident("cdn-key-20261130T031200Z", "cdn-key", "2026-11-30T03:12:00Z"),
    ],
    statuses: [
      status("shop-certificate", {
        versions: [version("2026-09-20")],
        rotation: rotation({
          step: "collect",
          since: at("2026-11-28T08:00:00Z"),
          wait: { why: "certificate", detail: "certs/shop.pem is not there yet" },
          reference: REQUEST,
          pinned: { ...rotation().pinned, credential: shop.document },
        }),
      }),
      status("search-key", {
        versions: [version("2026-10-01")],
        rotation: rotation({
          step: "promote",
          outcome: "parked",
          parked: {
            code: "target-refused",
            message: "/etc/search.env is not writable",
            at: at("2026-11-29T08:00:00Z"),
            commands: ["retry", "rollback"],
          },
        }),
      }),
    ],
    audited: "2026-11-30",
  };
  await bench.run();
  const { forge } = bench;
  const titled = (title: RegExp): Example => {
    const issue = forge.all.find((candidate) => title.test(candidate.title));
    if (issue === undefined) throw new Error(`no issue is called like ${title}`);
    return { title: issue.title, body: issue.body };
  };
  const [proposal] = forge.proposals;
  if (proposal === undefined) throw new Error("nothing was proposed");
  return new Map([
    ["manual", titled(/^payments-key: rotation overdue/)],
    ["proposal", { title: proposal.title, body: proposal.body }],
    ["compromised", titled(/^mail-key: compromised/)],
    ["delegated", titled(/^cdn-key: compromised/)],
    ["signing", titled(/^shop-certificate: certificate awaited/)],
    ["parked", titled(/^search-key: rotation parked/)],
    ["digest", titled(/^Digest/)],
    ["dashboard", titled(/dashboard/)],
  ]);
}
