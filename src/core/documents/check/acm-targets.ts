import { accountOfRole } from "../connection.ts";
import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import { applyRules } from "./apply-rules.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { shown } from "./shown.ts";

/** ACM takes certificates alone, and only from a login of the certificate's own account and region. */
export function checkAcmTargets(input: CheckInput): readonly Fault[] {
  return applyRules(input.documents.credentials.values(), input, [typeFaults, placeFaults]);
}

function typeFaults(source: Sourced<Credential>): Fault[] {
  const { type, deliver = [] } = source.document.spec;
  return deliver.flatMap((entry, at): Fault[] => {
    if (entry["aws-acm"] === undefined || type === "tls-certificate") return [];
    return [
      {
        source,
        path: ["spec", "deliver", at, "aws-acm"],
        at: "key",
        code: "acm-needs-certificate",
        message: `aws-acm takes certificates, and this credential is of the type ${type}`,
        fix: "deliver it to aws-secrets-manager or aws-ssm",
      },
    ];
  });
}

function placeFaults(source: Sourced<Credential>, { documents }: CheckInput): Fault[] {
  return (source.document.spec.deliver ?? []).flatMap((entry, at): Fault[] => {
    const target = entry["aws-acm"];
    const connection = documents.connections.get(target?.connection ?? "")?.document.spec.aws;
    if (target === undefined || connection === undefined) return [];
    const [, , , region, account] = target.certificateArn.split(":");
    const roleAccount = accountOfRole(connection.assumeRole);
    const elsewhere =
      region !== connection.region
        ? `the region ${shown(region ?? "")}, and the connection ${shown(target.connection)} is of ${shown(connection.region)}`
        : roleAccount !== undefined && account !== roleAccount
          ? `the account ${shown(account ?? "")}, and the connection ${shown(target.connection)} acts in ${shown(roleAccount)}`
          : undefined;
    if (elsewhere === undefined) return [];
    return [
      {
        source,
        path: ["spec", "deliver", at, "aws-acm", "certificateArn"],
        code: "acm-elsewhere",
        message: `the certificate is in ${elsewhere}`,
        fix: "name a connection of the certificate's region and account, or correct the ARN",
      },
    ];
  });
}
