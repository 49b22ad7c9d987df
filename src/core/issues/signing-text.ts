import type { Finding } from "../evaluate/finding.ts";
import { isOpen } from "../rotation/transition.ts";
import type { Status } from "../state/status.ts";
import { markdownCode, markdownLink } from "../text/encode/markdown.ts";
import type { IssuesInput } from "./issues-input.ts";
import { tickList } from "./markdown-parts.ts";

const REQUEST =
  /^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\r?\n[A-Za-z0-9+/=\r\n]{1,40000}-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/;

/** For a rotation that waits for its certificate: what has to be signed, and where the certificate goes. */
export function signingBlocks(
  finding: Finding,
  status: Status | undefined,
  { fileUrl }: Pick<IssuesInput, "fileUrl">,
): readonly (readonly string[])[] {
  const rotation = status?.rotation;
  if (finding.code !== "certificate-awaited" || finding.credential === null || !isOpen(rotation)) return [];
  const asked = rotation.pinned.credential.spec.provider?.csr;
  if (asked === undefined) return [];
  const names = asked.names
    .slice(0, 50)
    .map((name) => markdownCode(name))
    .join(", ");
  const more = asked.names.length > 50 ? `, and ${asked.names.length - 50} more` : "";
  return [
    ["### The signing request"],
    [`For ${names}${more}; key type ${markdownCode(asked.keyType ?? "ecdsa-p256")}.`],
    requestBlock(rotation.reference, finding.credential),
    tickList(
      asked.connection === undefined
        ? byPeople(asked.certificate, fileUrl)
        : [
            `The service behind the connection ${markdownCode(asked.connection)} is asked at every run: see that it has signed the request and answers with the certificate.`,
          ],
    ),
    ["This closes when a run has taken up the certificate."],
  ];
}

function requestBlock(reference: string | undefined, credential: string): readonly string[] {
  if (reference === undefined || !REQUEST.test(reference)) {
    return [`${markdownCode(`cre status ${credential}`)} shows the request.`];
  }
  return ["```text", ...reference.trimEnd().split(/\r?\n/), "```"];
}

function byPeople(path: string | undefined, fileUrl: IssuesInput["fileUrl"]): readonly string[] {
  const file = path === undefined ? "the file that the document names" : markdownLink(path, fileUrl(path));
  return [
    "Give the request to the CA, from `-----BEGIN` to `-----END`.",
    "Take the certificate and its intermediates as PEM, the certificate itself first; the root is not needed.",
    `Put them into ${file} and open a pull request. Never put a private key there.`,
    "Merge it: the next run checks the certificate and completes the targets.",
  ];
}
