import { refuseUnseen } from "../../../core/certificates/standing.ts";
import { CreError } from "../../../core/model/errors.ts";
import { refuseByCaa } from "./caa.ts";
import type { Directory } from "./directory.ts";
import { servedNow } from "./observe.ts";
import type { Site } from "./site.ts";

/**
 * Everything that can be known before an order: the directory and why it is not trusted, the account or whether one can
 * be made, the profile, the names, the CAA records, and whether challenges can be put where they have to be.
 */
export async function preflight(site: Site, signal: AbortSignal): Promise<void> {
  refuseWildcards(site);
  refuseUnseen(site.credential, await servedNow(site, signal));
  const directory = await site.ca.directory(signal);
  refuseProfile(site, directory);
  if ((await site.ca.findAccount(signal)) === undefined) refuseNewAccount(site, directory);
  await site.way.preflight(signal);
  await refuseByCaa(site, directory.meta.caaIdentities ?? [], signal);
}

function refuseWildcards({ credential, names, way }: Site): void {
  const wildcard = names.find((name) => name.startsWith("*."));
  if (wildcard === undefined || way.type === "dns-01") return;
  throw new CreError("acme-wildcard", `${credential}: ${wildcard} cannot be proven by ${way.type}`, {
    fix: "choose `challenge: { dns-01: … }`, or name each host",
  });
}

function refuseProfile({ ca, provider }: Site, { meta }: Directory): void {
  const { profile } = provider;
  if (profile === undefined) return;
  const offered = Object.keys(meta.profiles ?? {});
  if (offered.includes(profile)) return;
  throw new CreError("acme-profile-unknown", `${ca.label} has no profile ${profile}`, {
    evidence: offered.length === 0 ? "it offers no profiles" : `it offers ${offered.join(", ")}`,
    fix: "correct `profile`, or leave it out",
  });
}

/** The account is made with the first order; what would refuse it then is told now. */
function refuseNewAccount({ ca }: Site, { meta }: Directory): void {
  const { connection, label } = ca;
  if (meta.externalAccountRequired === true && connection.eab === undefined) {
    throw new CreError("acme-eab-required", `${label} makes accounts only for customers that it knows`, {
      fix: "ask the CA for an external account, and give it as `eab` of the connection",
    });
  }
  if (meta.termsOfService === undefined || connection.termsOfServiceAgreed === true) return;
  throw new CreError(
    "acme-terms",
    `${label} knows no account of this key, and nobody has agreed to its terms`,
    {
      evidence: meta.termsOfService,
      fix: "read them, and write `termsOfServiceAgreed: true` into the connection; or check its `accountKey`",
    },
  );
}
