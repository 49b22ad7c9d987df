import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import { PROVIDER_TYPES, providerKey } from "../provider.ts";
import { applyRules } from "./apply-rules.ts";
import type { CheckInput, Fault } from "./fault.ts";

/** The method has what it needs, and the provider is one for the type. */
export function checkMethods(input: CheckInput): readonly Fault[] {
  return applyRules(input.documents.credentials.values(), input, [methodFaults, typeFaults]);
}

function methodFaults(source: Sourced<Credential>): Fault[] {
  const { method, provider, deliver, delegate } = source.document.spec;
  const faults: Fault[] = [];
  const add = (code: string, message: string, fix: string, field = "method"): void =>
    void faults.push({ source, path: ["spec", field], code, message, fix });

  if (method === "automated" && provider === undefined) {
    add(
      "provider-missing",
      "`automated` needs a `provider` to rotate at",
      "add `provider`, or use `method: manual`",
    );
  }
  if (method === "automated" && (deliver === undefined || deliver.length === 0)) {
    add(
      "deliver-missing",
      "`automated` needs `deliver`: the new secret would reach nobody",
      "add where the secret goes, or use `method: manual`",
    );
  }
  if (method === "delegated" && delegate === undefined) {
    add(
      "delegate-missing",
      "`delegated` needs `delegate`: who rotates it",
      "add `delegate: { to: NAME OF THE SYSTEM }`",
    );
  }
  if (method !== "delegated" && delegate !== undefined) {
    add(
      "delegate-unused",
      `\`delegate\` is for \`method: delegated\`, and the method is ${method}`,
      "remove `delegate`, or change the method",
      "delegate",
    );
  }
  if (method === "delegated" && deliver !== undefined && deliver.length > 0) {
    faults.push({
      source,
      path: ["spec", "deliver"],
      at: "key",
      code: "deliver-unused",
      message: "a delegated credential is only observed: nothing is delivered",
      fix: "remove `deliver`",
      warning: true,
    });
  }
  return faults;
}

function typeFaults(source: Sourced<Credential>): Fault[] {
  const { type, provider, endpoints, certificateFiles } = source.document.spec;
  const faults: Fault[] = [];
  if (provider !== undefined) {
    const key = providerKey(provider);
    const types: readonly string[] = PROVIDER_TYPES[key];
    if (!types.includes(type)) {
      const providers = Object.entries(PROVIDER_TYPES).flatMap(([name, its]) =>
        (its as readonly string[]).includes(type) ? [name] : [],
      );
      faults.push({
        source,
        path: ["spec", "provider", key],
        at: "key",
        code: "provider-wrong-type",
        message: `the provider ${key} is for ${types.join(", ")}, and the type is ${type}`,
        fix: `use one of ${providers.join(", ")}, or change the type`,
      });
    }
  }
  if (endpoints !== undefined && type !== "tls-certificate") {
    faults.push(ofCertificate(source, "endpoints", "endpoints-unused"));
  }
  if (certificateFiles !== undefined && type !== "tls-certificate") {
    faults.push(ofCertificate(source, "certificateFiles", "certificate-files-unused"));
  }
  return faults;
}

function ofCertificate(source: Sourced<Credential>, field: string, code: string): Fault {
  return {
    source,
    path: ["spec", field],
    at: "key",
    code,
    message: `\`${field}\` are where a certificate is served, and the type is ${source.document.spec.type}`,
    fix: `remove \`${field}\`, or change the type`,
  };
}
