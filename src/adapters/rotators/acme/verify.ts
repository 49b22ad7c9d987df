import { createPrivateKey, createPublicKey } from "node:crypto";
import { CreError } from "../../../core/model/errors.ts";
import type { Issued } from "../../../core/ports/rotator.ts";
import { type CertificateChain, readChain, wrongWithChain } from "../../clients/x509/chain.ts";
import { spkiOf } from "../../clients/x509/key-pair.ts";
import { handleOf } from "./place.ts";
import type { Site } from "./site.ts";

/**
 * A certificate signs in nowhere: what can be proven before it is handed to anybody is that its parts belong together.
 * The chain is read from them once more, as a consumer will.
 */
export async function verifyCertificate(site: Site, issued: Issued): Promise<void> {
  const chain = await chainOf(site, issued);
  const wrong = wrongWithChain(chain, {
    spki: keyOf(issued),
    names: site.names,
    now: site.ports.clock.now(),
  });
  if (wrong !== undefined) throw unfit(site, wrong);
  if (handleOf(chain.leaf.facts) !== issued.handle) {
    throw unfit(site, "it is another certificate");
  }
}

async function chainOf(site: Site, { parts }: Issued): Promise<CertificateChain> {
  try {
    return await readChain(parts.get("fullchain")?.reveal() ?? "");
  } catch {
    throw unfit(site, "its chain cannot be read");
  }
}

/** Of the public half that belongs to the private key; nothing of a parser's error, which may quote the key. */
function keyOf({ parts }: Issued): string {
  try {
    return spkiOf(createPublicKey(createPrivateKey(parts.get("privateKey")?.reveal() ?? "")));
  } catch {
    return "";
  }
}

function unfit({ credential, ca }: Site, why: string): CreError {
  return new CreError(
    "verify-refused",
    `the new certificate of ${credential} from ${ca.label} must not be used`,
    {
      evidence: why,
      fix: "nothing was handed to anybody; ask the CA if it happens again",
    },
  );
}
