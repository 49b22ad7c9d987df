import { createPrivateKey, randomUUID, X509Certificate } from "node:crypto";
import {
  type ActionCall,
  type AwsActions,
  type Input,
  type Output,
  optionalText,
  type Resource,
  tagContext,
  tagList,
  tagsOf,
  text,
} from "./action.ts";
import { AwsError } from "./aws-error.ts";
import type { StoredCertificate } from "./stored-certificate.ts";

/** In bytes (API reference of ImportCertificate). */
const LARGEST_KEY = 5120;
const MAX_TAGS = 50;

/** What ACM can do here: certificates that are imported, and one that was asked for and is never issued. */
export const ACM_ACTIONS: AwsActions = {
  ImportCertificate: {
    resource: (call) =>
      optionalText(call.input, "CertificateArn") === undefined
        ? { arn: "*", context: tagContext(undefined, tagsOf(call.input)) }
        : named(call),
    also: (input) => (tagsOf(input).size > 0 ? ["acm:AddTagsToCertificate"] : []),
    act: importCertificate,
  },
  RequestCertificate: {
    resource: () => ({ arn: "*" }),
    act: (call) => {
      const certificate: StoredCertificate = {
        arn: newArn(call),
        type: "AMAZON_ISSUED",
        tags: new Map(tagsOf(call.input)),
      };
      call.account.certificates.set(certificate.arn, certificate);
      return { CertificateArn: certificate.arn };
    },
  },
  DescribeCertificate: {
    resource: named,
    act: (call) => ({ Certificate: described(asked(call)) }),
  },
  GetCertificate: {
    resource: named,
    act: (call) => {
      const { arn, body } = asked(call);
      if (body === undefined) {
        throw new AwsError("RequestInProgressException", 400, `Request for ${arn} is in progress.`);
      }
      return { Certificate: body.certificate, CertificateChain: body.chain };
    },
  },
  ListTagsForCertificate: {
    resource: named,
    act: (call) => ({ Tags: tagList(asked(call).tags) }),
  },
  AddTagsToCertificate: {
    resource: named,
    act: (call) => {
      const { arn, tags } = asked(call);
      const all = new Map([...tags, ...tagsOf(call.input)]);
      if (all.size > MAX_TAGS) {
        throw new AwsError("TooManyTagsException", 400, `${arn} would have more than ${MAX_TAGS} tags.`);
      }
      for (const [key, value] of tagsOf(call.input)) {
        if (/^aws:/i.test(key) || !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value)) {
          throw new AwsError("InvalidTagException", 400, `The tag ${key} is not valid.`);
        }
        tags.set(key, value);
      }
      return {};
    },
  },
  RemoveTagsFromCertificate: {
    resource: named,
    act: (call) => {
      const { tags } = asked(call);
      for (const key of tagsOf(call.input).keys()) tags.delete(key);
      return {};
    },
  },
  DeleteCertificate: {
    resource: named,
    act: (call) => {
      call.account.certificates.delete(asked(call).arn);
      return {};
    },
  },
};

function importCertificate(call: ActionCall): Output {
  const { account, input, now } = call;
  const arn = optionalText(input, "CertificateArn");
  const known = arn === undefined ? undefined : asked(call);
  if (known !== undefined && known.type !== "IMPORTED") {
    throw invalid(`The certificate ${known.arn} is not an imported certificate.`);
  }
  if (known !== undefined && tagsOf(input).size > 0) {
    throw invalid("Tagging is not permitted on re-import.");
  }
  const body = {
    certificate: pemOf(input, "Certificate"),
    privateKey: pemOf(input, "PrivateKey"),
    chain:
      optionalText(input, "CertificateChain") === undefined ? undefined : pemOf(input, "CertificateChain"),
    importedAt: now,
  };
  check(body, known, now);
  const certificate = known ?? { arn: newArn(call), type: "IMPORTED", tags: new Map(tagsOf(input)) };
  certificate.body = body;
  account.certificates.set(certificate.arn, certificate);
  return { CertificateArn: certificate.arn };
}

/** What ACM looks at (user guide, "Prerequisites for importing" and "Reimport a certificate"). */
function check(
  { certificate, privateKey, chain }: NonNullable<StoredCertificate["body"]>,
  known: StoredCertificate | undefined,
  now: Date,
): void {
  if (certificate.split("-----BEGIN CERTIFICATE-----").length !== 2) {
    throw invalid(
      "The certificate field contains more than one certificate. You can specify only one certificate in this field.",
    );
  }
  const leaf = read(
    () => new X509Certificate(certificate),
    "The certificate is not PEM-encoded or is not valid.",
  );
  if (Buffer.byteLength(privateKey) > LARGEST_KEY) {
    throw invalid(`The private key must be no larger than ${LARGEST_KEY} bytes.`);
  }
  const key = read(() => createPrivateKey(privateKey), "The private key is not PEM-encoded or is not valid.");
  if (!leaf.checkPrivateKey(key)) {
    throw invalid("Could not validate the certificate with the private key.");
  }
  if (Date.parse(leaf.validFrom) > now.getTime()) throw invalid("The certificate is not in effect yet.");
  if (Date.parse(leaf.validTo) < now.getTime()) throw invalid("The certificate has expired.");
  if (chain !== undefined) {
    const [issuer] = read(
      () => certificatesOf(chain),
      "The certificate chain is not PEM-encoded or is not valid.",
    );
    if (issuer === undefined || !leaf.checkIssued(issuer) || !leaf.verify(issuer.publicKey)) {
      throw invalid("Could not validate the certificate with the certificate chain.");
    }
  }
  if (
    known?.body !== undefined &&
    algorithmOf(new X509Certificate(known.body.certificate)) !== algorithmOf(leaf)
  ) {
    throw invalid("The key algorithm of the certificate cannot be changed on re-import.");
  }
}

function described({ arn, type, body }: StoredCertificate): Output {
  if (body === undefined) {
    return { CertificateArn: arn, Type: type, Status: "PENDING_VALIDATION", InUseBy: [] };
  }
  const leaf = new X509Certificate(body.certificate);
  return {
    CertificateArn: arn,
    Type: type,
    Status: "ISSUED",
    Serial: leaf.serialNumber.toLowerCase().replaceAll(/..(?=.)/g, "$&:"),
    NotBefore: new Date(leaf.validFrom),
    NotAfter: new Date(leaf.validTo),
    KeyAlgorithm: algorithmOf(leaf),
    ImportedAt: body.importedAt,
    InUseBy: [],
    RenewalEligibility: "INELIGIBLE",
  };
}

function algorithmOf({ publicKey }: X509Certificate): string {
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  return namedCurve === undefined ? `RSA_${modulusLength}` : `EC_${namedCurve}`;
}

function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function read<T>(parse: () => T, otherwise: string): T {
  try {
    return parse();
  } catch {
    throw invalid(otherwise);
  }
}

/** Blobs are base64 in JSON. */
function pemOf(input: Input, name: string): string {
  return Buffer.from(text(input, name), "base64").toString();
}

function named({ account, input }: ActionCall): Resource {
  const arn = text(input, "CertificateArn");
  return { arn, context: tagContext(account.certificates.get(arn)?.tags, tagsOf(input)) };
}

function asked({ account, region, input }: ActionCall): StoredCertificate {
  const arn = text(input, "CertificateArn");
  const found = account.certificates.get(arn);
  if (found !== undefined && arn.split(":")[3] === region) return found;
  throw new AwsError("ResourceNotFoundException", 400, `Could not find certificate ${arn}.`);
}

function newArn({ account, region }: ActionCall): string {
  return `arn:aws:acm:${region}:${account.id}:certificate/${randomUUID()}`;
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", 400, message);
}
