import { randomUUID } from "node:crypto";
import type { Input, Output } from "./action.ts";
import { AwsError } from "./aws-error.ts";
import type { SignedRequest } from "./signature.ts";

/** A request as its protocol is read: which action of which service, with what. */
export interface WireRequest {
  /** As policies name it: `iam`, `sts`, `secretsmanager`, `ssm`, `acm`. */
  readonly service: string;
  readonly action: string;
  readonly input: Input;
  answer(output: Output): WireAnswer;
  refuse(error: AwsError): WireAnswer;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const QUERY_SERVICES: Readonly<Record<string, { service: string; namespace: string }>> = {
  "2010-05-08": { service: "iam", namespace: "https://iam.amazonaws.com/doc/2010-05-08/" },
  "2011-06-15": { service: "sts", namespace: "https://sts.amazonaws.com/doc/2011-06-15/" },
};
const JSON_SERVICES: Readonly<Record<string, string>> = {
  secretsmanager: "secretsmanager",
  AmazonSSM: "ssm",
  CertificateManager: "acm",
};

/** How the JSON services call what the Query services call otherwise; with them all of it is a 400. */
const JSON_NAMES: Readonly<Record<string, string>> = {
  InvalidClientTokenId: "UnrecognizedClientException",
  SignatureDoesNotMatch: "InvalidSignatureException",
  IncompleteSignature: "IncompleteSignatureException",
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  ExpiredToken: "ExpiredTokenException",
  AccessDenied: "AccessDeniedException",
  Throttling: "ThrottlingException",
  ValidationError: "ValidationException",
};

/** Reads the Query protocol of IAM and STS, and JSON 1.1 of Secrets Manager, SSM and ACM. @throws AwsError. */
export function readWire(request: SignedRequest): WireRequest {
  const target = request.headers["x-amz-target"];
  return typeof target === "string" ? readJson(target, request.body) : readQuery(request.body);
}

function readQuery(body: Buffer): WireRequest {
  const parameters = new URLSearchParams(body.toString("utf8"));
  const action = parameters.get("Action") ?? "";
  const known = QUERY_SERVICES[parameters.get("Version") ?? ""];
  if (known === undefined) {
    throw new AwsError("InvalidAction", 400, "Could not find operation for this version");
  }
  const { service, namespace } = known;
  const requestId = randomUUID();
  const document = (status: number, xml: string): WireAnswer => ({
    status,
    headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
    body: xml,
  });
  return {
    service,
    action,
    input: nested(parameters),
    answer: (output) => {
      const { length } = Object.keys(output);
      const result = length === 0 ? "" : `<${action}Result>${elements(output)}</${action}Result>`;
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      return document(
        200,
        `<${action}Response xmlns="${namespace}">${result}${metadata}</${action}Response>`,
      );
    },
    refuse: ({ code, status, message }) => {
      const Type = status < 500 ? "Sender" : "Receiver";
      const error = elements({ Error: { Type, Code: code, Message: message }, RequestId: requestId });
      return document(status, `<ErrorResponse xmlns="${namespace}">${error}</ErrorResponse>`);
    },
  };
}

function readJson(target: string, body: Buffer): WireRequest {
  const [prefix = "", action = ""] = target.split(".");
  const service = JSON_SERVICES[prefix];
  if (service === undefined) throw new AwsError("UnknownOperationException", 400, `no service ${prefix}`);
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() };
  return {
    service,
    action,
    input: JSON.parse(body.toString("utf8") || "{}"),
    answer: (output) => ({
      status: 200,
      headers,
      body: JSON.stringify(output, function (this: Record<string, unknown>, key, value) {
        const original = this[key];
        return original instanceof Date ? original.getTime() / 1000 : value;
      }),
    }),
    refuse: ({ code, status, message }) => ({
      status: status < 500 ? 400 : status,
      headers,
      body: JSON.stringify({
        __type: JSON_NAMES[code] ?? code,
        [service === "secretsmanager" ? "Message" : "message"]: message,
      }),
    }),
  };
}

/** `Tags.member.1.Key=a` becomes `{ Tags: [{ Key: "a" }] }`. */
function nested(parameters: URLSearchParams): Input {
  const input: Record<string, unknown> = {};
  for (const [name, value] of parameters) {
    const path = name.split(".").filter((part) => part !== "member");
    let at: Record<string, unknown> = input;
    for (const [index, part] of path.entries()) {
      const key = /^\d+$/.test(part) ? String(Number(part) - 1) : part;
      const next = path[index + 1];
      if (next === undefined) {
        at[key] = value;
      } else {
        at[key] ??= /^\d+$/.test(next) ? [] : {};
        at = at[key] as Record<string, unknown>;
      }
    }
  }
  return input;
}

function elements(output: Output): string {
  return Object.entries(output)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${name}>${element(value)}</${name}>`)
    .join("");
}

function element(value: Output[string]): string {
  if (value instanceof Date) return value.toISOString().replace(/\.\d{3}Z$/, "Z");
  if (Array.isArray(value)) return value.map((member) => `<member>${element(member)}</member>`).join("");
  if (typeof value === "object") return elements(value as Output);
  return String(value).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
