import type { CertificateFacts } from "../../../core/certificates/certificate.ts";
import type { AddressScan } from "../../../core/certificates/endpoint.ts";
import { judgeChain, titleOf } from "../../../core/certificates/judge.ts";
import { isAllowed } from "../../../core/certificates/scan-allowance.ts";
import type { DiscoveryPorts, ScanEnd, Sighting, SourcePart } from "../../../core/ports/discovery.ts";
import { plainLine } from "../../../core/text/plain-line.ts";
import { type CertificateScanner, certificateScanner } from "../../clients/tls/scan.ts";
import type { Target, Targets } from "./targets.ts";

const MOST_NAMES = 10;
const LONGEST = 300;
/** Unreachable endpoints that are told one by one. */
const MOST_TOLD = 10;
/** Failures that say that nothing is served, rather than that nobody could see it. */
const NOTHING_THERE: ReadonlySet<string> = new Set([
  "refused",
  "connect-timed-out",
  "no-route",
  "not-tls",
  "closed",
]);

interface Look {
  readonly targets: Targets;
  readonly show: (sighting: Sighting) => void;
  readonly now: string;
  readonly problems: string[];
  /** Keys of targets of which every address showed a certificate. */
  readonly seen: Set<string>;
  /** Targets that had to answer, and did not. */
  unseen: number;
  notAllowed: number;
}

/** All endpoints of a source as one part. A look is a handshake and nothing more, to addresses that may be scanned. */
export function openEndpoints(targets: Targets, ports: DiscoveryPorts, size: number): SourcePart {
  const patterns = ports.documents.settings?.document.spec.network?.scan ?? [];
  let scanner: CertificateScanner | undefined;
  return {
    name: "endpoints",
    scan: async (cursor, show, signal, enough = () => false) => {
      scanner ??= certificateScanner({
        mayScan: (host, port, address) => isAllowed(patterns, host, port, address),
      });
      const look: Look = {
        targets,
        show,
        now: ports.clock.now(),
        problems: [...targets.problems],
        seen: new Set(),
        unseen: 0,
        notAllowed: 0,
      };
      const left = targets.all.filter(({ key }) => cursor === undefined || key > cursor);
      for (let at = 0; at < left.length; at += size) {
        if (at > 0 && enough()) return endOf(look, at, left[at - 1]?.key);
        const batch = left.slice(at, at + size);
        const { scan } = scanner;
        const scans = await Promise.all(batch.map(async ({ endpoint }) => scan(endpoint, signal)));
        for (const [index, target] of batch.entries()) showTarget(look, target, scans[index] ?? []);
      }
      return endOf(look, left.length, undefined);
    },
    close: async () => undefined,
  };
}

function showTarget(look: Look, target: Target, scans: readonly AddressScan[]): void {
  const failures: { readonly code: string; readonly message: string }[] = [];
  const leaves = new Map<string, { readonly facts: CertificateFacts; readonly addresses: string[] }>();
  for (const scan of scans) {
    if ("failure" in scan) {
      failures.push(scan.failure);
      continue;
    }
    const [facts] = scan.chain;
    if (facts === undefined) {
      failures.push({ code: "nothing-shown", message: "no certificate was shown" });
      continue;
    }
    const known = leaves.get(facts.fingerprint);
    if (known === undefined) leaves.set(facts.fingerprint, { facts, addresses: [scan.address] });
    else known.addresses.push(scan.address);
  }
  const identity = look.targets.means.get(target.key);
  for (const { facts, addresses } of leaves.values()) {
    const place = leaves.size === 1 ? target.key : `${target.key} at ${addresses.toSorted().join(", ")}`;
    look.show(sightingOf(facts, { place, identity, target, now: look.now }));
  }
  // A runner without IPv6 judges a name by the addresses that it can reach.
  const [failure] = leaves.size > 0 ? failures.filter(({ code }) => code !== "no-route") : failures;
  if (failure === undefined) {
    look.seen.add(target.key);
    return;
  }
  if (failure.code === "not-allowed") look.notAllowed += 1;
  const isExpected = target.origin !== "named" && NOTHING_THERE.has(failure.code);
  const isGuess = target.origin === "file" || target.origin === "range";
  if (isExpected || isGuess || target.origin === "registry") return;
  look.unseen += 1;
  if (look.unseen <= MOST_TOLD) look.problems.push(`${target.key}: ${failure.message}`);
}

/** A registered certificate is covered once all of its endpoints have shown one. */
function endOf(look: Look, scanned: number, cursor: string | undefined): ScanEnd {
  const { problems, seen, targets, unseen, notAllowed } = look;
  const covered = [...targets.registered]
    .filter(([, keys]) => keys.length > 0 && keys.every((key) => seen.has(key)))
    .map(([identity]) => identity);
  const told = [...problems];
  if (unseen > MOST_TOLD) told.push(`${unseen - MOST_TOLD} more endpoints show nothing`);
  if (notAllowed > 0) {
    told.push(
      `${notAllowed} endpoints are at no public address: name them in \`network.scan\` of the settings`,
    );
  }
  if (cursor !== undefined) told.push("there are more endpoints: the next look goes on from here");
  const complete = cursor === undefined && unseen === 0;
  // What showed nothing is looked at again.
  const mark = unseen > 0 ? undefined : cursor;
  return { complete, scanned, covered, problems: told, ...(mark === undefined ? {} : { cursor: mark }) };
}

interface Where {
  readonly place: string;
  readonly identity: string | undefined;
  readonly target: Target;
  readonly now: string;
}

function sightingOf(facts: CertificateFacts, { place, identity, target, now }: Where): Sighting {
  const { notBefore, notAfter, names, issuer, serial, keyType, keyBits, spki } = facts;
  const more = names.length - MOST_NAMES;
  const shown = `${names.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return {
    kind: "tls-certificate",
    handle: `SHA256:${facts.fingerprint}`,
    place,
    ...(identity === undefined ? {} : { identity }),
    live: notBefore <= now && now < notAfter,
    createdAt: notBefore,
    expiresAt: notAfter,
    detail: {
      subject: plainLine(titleOf(facts), LONGEST),
      ...(shown === "" ? {} : { names: plainLine(shown, LONGEST) }),
      issuer: plainLine(issuer, LONGEST),
      serial,
      "key type": keyBits === undefined ? keyType : `${keyType} ${keyBits}`,
      "key fingerprint": `spki-sha256:${spki}`,
      ...(target.file === undefined ? {} : { "named in": target.file }),
    },
    ownerHints: target.file === undefined ? [] : [{ source: "file", text: target.file }],
    concerns: judgeChain({ address: "", chain: [facts] }, undefined).map(({ code, detail = "" }) =>
      code === "weak-key" ? `its key is weak (${detail})` : `its signature is weak (${detail})`,
    ),
  };
}
