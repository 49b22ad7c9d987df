import type { ACM } from "@aws-sdk/client-acm";
import { EffectError } from "../../../core/model/errors.ts";
import { isAwsError } from "../../clients/aws/failure.ts";
import { send, type TwoClients } from "../../clients/aws/sending.ts";
import { fingerprintIn, importOf, type KeyPair } from "./key-pair.ts";
import { MARK_TAG, type Mark, marksIn, markText } from "./mark.ts";

/** One certificate of ACM, and how the runner reaches it. */
export interface Store {
  readonly connectionName: string;
  readonly region: string;
  readonly arn: string;
  readonly clients: TwoClients<ACM>;
}

/** What ACM says that an import may not do, in the order in which it is looked for; its own words may quote the key. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/extended key usage/i, "the new one lacks an Extended Key Usage that the old one had"],
  [/key usage/i, "the new one lacks a Key Usage that the old one had"],
  [/certificate chain/i, "the chain does not lead from the certificate to its root"],
  [/private key/i, "the private key does not fit or cannot be read"],
  [/key (algorithm|type|size)/i, "the new one has a key of another type or size"],
  [/not in effect/i, "it is not valid yet"],
  [/expired/i, "it is past its end"],
  [/self.signed/i, "it is signed by itself"],
];
/** No PEM, so nothing can come of it but an answer that says whether the import was allowed. */
const NO_CERTIFICATE = Buffer.from("cre asks whether it may import");

export function placeOf({ connectionName, region, arn }: Store): string {
  return `certificate ${arn} of aws ${connectionName} (${region})`;
}

/** Where it came from and what kind of key it has. */
export async function describedOf(
  store: Store,
  signal: AbortSignal,
): Promise<{ readonly type: string | undefined; readonly algorithm: string | undefined }> {
  const call = { place: placeOf(store), action: "acm:DescribeCertificate" };
  const { Certificate: found } = await send(store.clients.asking(), call, signal, async (client, options) => {
    try {
      return await client.describeCertificate({ CertificateArn: store.arn }, options);
    } catch (error) {
      throw isAwsError(error, "ResourceNotFoundException") ? missing(store) : error;
    }
  });
  // Answers have been seen with a dash.
  return { type: found?.Type, algorithm: found?.KeyAlgorithm?.replace("-", "_") };
}

/** Fingerprint of the certificate that is served. */
export async function servedOf(store: Store, signal: AbortSignal): Promise<string | undefined> {
  const call = { place: placeOf(store), action: "acm:GetCertificate" };
  const { Certificate: pem } = await send(store.clients.asking(), call, signal, async (client, options) =>
    client.getCertificate({ CertificateArn: store.arn }, options),
  );
  return fingerprintIn(pem);
}

export async function marksOf(store: Store, signal: AbortSignal): Promise<readonly Mark[]> {
  const call = { place: placeOf(store), action: "acm:ListTagsForCertificate" };
  const { Tags: tags = [] } = await send(store.clients.asking(), call, signal, async (client, options) =>
    client.listTagsForCertificate({ CertificateArn: store.arn }, options),
  );
  return marksIn(tags.find(({ Key }) => Key === MARK_TAG)?.Value);
}

export async function writeMarks(store: Store, marks: readonly Mark[], signal: AbortSignal): Promise<void> {
  const call = { place: placeOf(store), action: "acm:AddTagsToCertificate" };
  await send(store.clients.acting(), call, signal, async (client, options) =>
    client.addTagsToCertificate(
      { CertificateArn: store.arn, Tags: [{ Key: MARK_TAG, Value: markText(marks) }] },
      options,
    ),
  );
}

/** Puts the pair in the place of what is there; what uses the certificate serves it from then on. */
export async function importPair(store: Store, pair: KeyPair, signal: AbortSignal): Promise<void> {
  const call = { place: placeOf(store), action: "acm:ImportCertificate", carriesSecret: true } as const;
  await send(store.clients.acting(), call, signal, async (client, options) => {
    try {
      return await client.importCertificate({ CertificateArn: store.arn, ...importOf(pair) }, options);
    } catch (error) {
      throw refusalOf(store, error) ?? error;
    }
  });
}

/** Rejects where the runner may not import. Asked with something that ACM cannot take, so nothing changes. */
export async function askImport(store: Store, signal: AbortSignal): Promise<void> {
  const call = { place: placeOf(store), action: "acm:ImportCertificate" };
  try {
    await send(store.clients.acting(), call, signal, async (client, options) =>
      client.importCertificate(
        { CertificateArn: store.arn, Certificate: NO_CERTIFICATE, PrivateKey: NO_CERTIFICATE },
        options,
      ),
    );
  } catch (error) {
    const answered = error instanceof EffectError && (error.code === "refused" || error.code === "throttled");
    if (!answered) throw error;
  }
}

function refusalOf(store: Store, error: unknown): EffectError | undefined {
  if (isAwsError(error, "LimitExceededException", "ServiceQuotaExceededException")) {
    return refused("aws-acm-limit", `the account may import no more certificates for now`, {
      evidence: `${placeOf(store)}: LimitExceededException`,
      fix: "raise the quota of ACM `Imported certificates in last 365 days`, then `cre retry`",
    });
  }
  if (!(error instanceof Error) || !isAwsError(error, "ValidationException")) return undefined;
  const { message } = error;
  const [, why = "it does not say why in words that are safe to repeat"] =
    REFUSALS.find(([words]) => words.test(message)) ?? [];
  return refused("aws-acm-refused", `ACM did not take the new certificate in place of ${placeOf(store)}`, {
    evidence: `ValidationException: ${why}`,
    fix: "a certificate that is imported again keeps the type and size of its key and its key usages; else import a new one and name its ARN",
  });
}

function missing(store: Store): EffectError {
  return refused("aws-acm-missing", `there is no ${placeOf(store)}`, {
    evidence: "ResourceNotFoundException",
    fix: `import the certificate once: aws acm import-certificate --region ${store.region} --certificate fileb://… --private-key fileb://… --certificate-chain fileb://…; then name its ARN`,
  });
}

/** A refusal before anything was changed, that only a person can end. */
export function refused(
  code: string,
  problem: string,
  details: { evidence?: string; fix: string },
): EffectError {
  return new EffectError("refused", code, problem, { ...details, retryable: false });
}
