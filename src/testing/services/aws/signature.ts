import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsError } from "./aws-error.ts";

/** What the header `Authorization` of a signed request says. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** As it stands in the request: `20261125T155435Z`. */
  readonly date: string;
}

export interface SignedRequest {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const SKEW_MINUTES = 5;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/;

/** The claim of a request, or undefined where it is not signed at all. @throws AwsError IncompleteSignature. */
export function signatureClaim({ headers }: SignedRequest): SignatureClaim | undefined {
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const [, accessKeyId, day, region, service, signedHeaders, signature] =
    AUTHORIZATION.exec(authorization) ?? [];
  const date = String(headers["x-amz-date"] ?? "");
  const names = signedHeaders?.split(";") ?? [];
  if (
    accessKeyId === undefined ||
    region === undefined ||
    service === undefined ||
    signature === undefined ||
    !/^\d{8}T\d{6}Z$/.test(date) ||
    !date.startsWith(`${day}T`) ||
    !names.includes("host") ||
    !names.includes("x-amz-date")
  ) {
    throw new AwsError("IncompleteSignature", 400, "Authorization header requires its parameters.");
  }
  return { accessKeyId, region, service, signedHeaders: names, signature, date };
}

/**
 * Signs the request again with the secret and compares.
 *
 * @throws AwsError SignatureDoesNotMatch, also for a signature more than five minutes away from `now`.
 */
export async function checkSignature(
  request: SignedRequest,
  claim: SignatureClaim,
  login: { readonly secret: string; readonly token?: string },
  now: Date,
): Promise<void> {
  checkAge(claim.date, now);
  const { accessKeyId, region, service, signedHeaders } = claim;
  const names = new Set(signedHeaders);
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const signer = new SignatureV4({
    credentials: {
      accessKeyId,
      secretAccessKey: login.secret,
      ...(login.token === undefined ? {} : { sessionToken: login.token }),
    },
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: "http:",
      hostname: "localhost",
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: Object.fromEntries(
        Object.entries(request.headers)
          .filter(([name]) => names.has(name))
          .map(([name, value]) => [name, String(value)]),
      ),
      body: request.body,
    },
    { signingDate: dateOf(claim.date), signableHeaders: names },
  );
  const wanted = signed.headers["authorization"]?.split("Signature=")[1] ?? "";
  const stated = request.headers["x-amz-content-sha256"];
  const bodyIsSigned =
    stated === undefined || stated === createHash("sha256").update(request.body).digest("hex");
  if (!bodyIsSigned || !timingSafeEqual(Buffer.from(wanted), Buffer.from(claim.signature))) {
    throw mismatch(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
}

function checkAge(date: string, now: Date): void {
  const at = dateOf(date).getTime();
  const skew = SKEW_MINUTES * 60_000;
  const current = compact(now);
  if (at < now.getTime() - skew) {
    const limit = compact(new Date(now.getTime() - skew));
    throw mismatch(
      `Signature expired: ${date} is now earlier than ${limit} (${current} - ${SKEW_MINUTES} min.)`,
    );
  }
  if (at > now.getTime() + skew) {
    const limit = compact(new Date(now.getTime() + skew));
    throw mismatch(
      `Signature not yet current: ${date} is still later than ${limit} (${current} + ${SKEW_MINUTES} min.)`,
    );
  }
}

function mismatch(message: string): AwsError {
  return new AwsError("SignatureDoesNotMatch", 403, message);
}

function dateOf(compactDate: string): Date {
  return new Date(compactDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function compact(at: Date): string {
  return at.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
}
