import { checkAcmTargets } from "./acm-targets.ts";
import { checkChannels } from "./channels.ts";
import { checkConnectionReferences } from "./connection-references.ts";
import { checkConnections } from "./connections.ts";
import { checkDates } from "./dates.ts";
import { checkDeliveries } from "./deliveries.ts";
import { checkDependencies } from "./dependencies.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { checkFileReferences } from "./file-references.ts";
import { checkFormerNames } from "./former-names.ts";
import { checkGithubTargets } from "./github-targets.ts";
import { checkLocalTargets } from "./local-targets.ts";
import { checkMethods } from "./methods.ts";
import { checkOwnEnds } from "./own-ends.ts";
import { checkOwnLogins } from "./own-login.ts";
import { checkOwnership } from "./ownership.ts";
import { checkPolicies } from "./policies.ts";
import { checkProviderIdentities } from "./provider-identity.ts";
import { checkRefusedRoles } from "./refused-roles.ts";
import { checkSettings } from "./settings.ts";
import { checkSharedTargets } from "./shared-targets.ts";
import { checkStoredSecrets } from "./stored-secrets.ts";
import { checkTemplates } from "./templates.ts";
import { checkWaivers } from "./waivers.ts";

type Check = (input: CheckInput) => readonly Fault[];

/** Each makes sure of one thing that no schema can say. */
const CHECKS: readonly Check[] = [
  checkConnections,
  checkConnectionReferences,
  checkStoredSecrets,
  checkOwnLogins,
  checkRefusedRoles,
  checkProviderIdentities,
  checkMethods,
  checkDeliveries,
  checkSharedTargets,
  checkTemplates,
  checkGithubTargets,
  checkAcmTargets,
  checkLocalTargets,
  checkOwnership,
  checkDependencies,
  checkDates,
  checkFormerNames,
  checkFileReferences,
  checkPolicies,
  checkOwnEnds,
  checkWaivers,
  checkSettings,
  checkChannels,
];

/**
 * Every fault that only shows when documents are seen together, or that no schema can say. Pure; needs no clock, no
 * files and no network. Linear in the number of documents.
 */
export function checkDocuments(input: CheckInput): readonly Fault[] {
  return CHECKS.flatMap((check) => check(input));
}
