import { discordChannel } from "../adapters/channels/discord/channel.ts";
import { pagerdutyChannel } from "../adapters/channels/pagerduty/channel.ts";
import { slackChannel } from "../adapters/channels/slack/channel.ts";
import { smtpChannel } from "../adapters/channels/smtp/channel.ts";
import { teamsChannel } from "../adapters/channels/teams/channel.ts";
import { webhookChannel } from "../adapters/channels/webhook/channel.ts";
import { awsAcmDelivery } from "../adapters/deliveries/aws-acm/delivery.ts";
import { awsSecretsManagerDelivery } from "../adapters/deliveries/aws-secrets-manager/delivery.ts";
import { awsSsmDelivery } from "../adapters/deliveries/aws-ssm/delivery.ts";
import { commandDelivery } from "../adapters/deliveries/command/delivery.ts";
import { envFileDelivery } from "../adapters/deliveries/env-file/delivery.ts";
import { githubSecretDelivery } from "../adapters/deliveries/github-secret/delivery.ts";
import { kubernetesSecretDelivery } from "../adapters/deliveries/kubernetes-secret/delivery.ts";
import { webhookDelivery } from "../adapters/deliveries/webhook/delivery.ts";
import { authorizedKeysSource } from "../adapters/discovery/authorized-keys/source.ts";
import { awsIamSource } from "../adapters/discovery/aws-iam/source.ts";
import { githubSource } from "../adapters/discovery/github/source.ts";
import { kubernetesSource } from "../adapters/discovery/kubernetes/source.ts";
import { postgresqlSource } from "../adapters/discovery/postgresql/source.ts";
import { tlsSource } from "../adapters/discovery/tls/source.ts";
import { apiReporter } from "../adapters/reporters/api/reporter.ts";
import { csvReporter } from "../adapters/reporters/csv/reporter.ts";
import { htmlReporter } from "../adapters/reporters/html/reporter.ts";
import { jsonReporter } from "../adapters/reporters/json/reporter.ts";
import { junitReporter } from "../adapters/reporters/junit/reporter.ts";
import { markdownReporter } from "../adapters/reporters/markdown/reporter.ts";
import { oscalReporter } from "../adapters/reporters/oscal/reporter.ts";
import { pdfReporter } from "../adapters/reporters/pdf/reporter.ts";
import { sarifReporter } from "../adapters/reporters/sarif/reporter.ts";
import { acmeRotator } from "../adapters/rotators/acme/rotator.ts";
import { authorizedKeysRotator } from "../adapters/rotators/authorized-keys/rotator.ts";
import { awsIamRotator } from "../adapters/rotators/aws-iam/rotator.ts";
import { csrRotator } from "../adapters/rotators/csr/rotator.ts";
import { entraApplicationRotator } from "../adapters/rotators/entra-application/rotator.ts";
import { externalRotator } from "../adapters/rotators/external/rotator.ts";
import { keycloakClientRotator } from "../adapters/rotators/keycloak-client/rotator.ts";
import { postgresqlRotator } from "../adapters/rotators/postgresql/rotator.ts";
import type { Credential } from "../core/documents/credential.ts";
import { deliverKind } from "../core/documents/deliver.ts";
import type { Documents } from "../core/documents/kinds.ts";
import type { Capabilities, Capability } from "../core/plan/capability.ts";
import type { ChannelKind } from "../core/ports/channel.ts";
import type { Delivery } from "../core/ports/delivery.ts";
import type { DiscoverySource } from "../core/ports/discovery.ts";
import type { Reporter } from "../core/ports/reporter.ts";
import type { Rotator } from "../core/ports/rotator.ts";
import type { DeliveryShape } from "../core/rotation/recipe.ts";
import { reasonElsewhere, withTheirStores } from "./connections.ts";

/** The rotators of this version, one per `provider` key. Each loads its SDK when it is first used. */
const ROTATORS: readonly Rotator[] = [
  postgresqlRotator,
  acmeRotator,
  authorizedKeysRotator,
  awsIamRotator,
  entraApplicationRotator,
  externalRotator,
  csrRotator,
  keycloakClientRotator,
];

/** The deliveries of this version, one per `deliver` kind. */
export const DELIVERIES: readonly Delivery[] = [
  webhookDelivery,
  envFileDelivery,
  awsSecretsManagerDelivery,
  awsSsmDelivery,
  awsAcmDelivery,
  kubernetesSecretDelivery,
  githubSecretDelivery,
  commandDelivery,
];

/** The channels of this version, one per kind. */
export const CHANNELS: readonly ChannelKind[] = [
  slackChannel,
  discordChannel,
  teamsChannel,
  webhookChannel,
  smtpChannel,
  pagerdutyChannel,
];

/** The sources of discovery of this version, one per kind key of `Settings.discovery`. */
export const DISCOVERY_SOURCES: readonly DiscoverySource[] = [
  awsIamSource,
  postgresqlSource,
  tlsSource,
  authorizedKeysSource,
  kubernetesSource,
  githubSource,
];

/** The formats of reports of this version. */
export const REPORTERS: readonly Reporter[] = [
  htmlReporter,
  pdfReporter,
  jsonReporter,
  apiReporter,
  csvReporter,
  markdownReporter,
  sarifReporter,
  oscalReporter,
  junitReporter,
];

/** The rotator that a document's `provider` key selects; undefined where this version has none. */
export function rotatorOf(credential: Credential): Rotator | undefined {
  const { provider } = credential.spec;
  return provider === undefined ? undefined : ROTATORS.find(({ type }) => Object.hasOwn(provider, type));
}

/** How many targets stage and how many only push; kinds that this version lacks count as neither. */
export function shapeOf(credential: Credential): DeliveryShape {
  const stages = (credential.spec.deliver ?? []).flatMap((entry) => {
    const delivery = DELIVERIES.find(({ kind }) => kind === deliverKind(entry));
    return delivery === undefined ? [] : [delivery.stages(entry)];
  });
  return { staging: stages.filter(Boolean).length, pushing: stages.filter((staged) => !staged).length };
}

/** Names of the connections that a credential's rotation uses, each once, with those that theirs take secrets from. */
export function connectionsOf(credential: Credential, documents: Documents): readonly string[] {
  const { spec } = credential;
  const rotator = rotatorOf(credential);
  const named = [...(rotator?.connections(spec) ?? [])];
  for (const entry of spec.deliver ?? []) {
    named.push(...(DELIVERIES.find(({ kind }) => kind === deliverKind(entry))?.connections(entry) ?? []));
  }
  return withTheirStores(named, documents);
}

/**
 * What a runner of this zone can do with the credentials of these documents, known without network. A connection
 * with a zone is only used by a runner that was started for it.
 */
export function capabilitiesFor(documents: Documents, options: { readonly zone?: string }): Capabilities {
  return ({ document }) => capability(document, documents, options.zone);
}

function capability(credential: Credential, documents: Documents, zone: string | undefined): Capability {
  const { spec } = credential;
  const [provider] = Object.keys(spec.provider ?? {});
  const rotator = rotatorOf(credential);
  if (rotator === undefined) {
    return unable("unsupported", `this version cannot rotate at the provider ${provider ?? "(none)"}`);
  }
  const missing = (spec.deliver ?? [])
    .map(deliverKind)
    .filter((kind) => !DELIVERIES.some((delivery) => delivery.kind === kind));
  if (missing.length > 0) {
    return unable("unsupported", `this version cannot deliver to ${[...new Set(missing)].join(", ")}`);
  }
  const elsewhere = reasonElsewhere(connectionsOf(credential, documents), documents, zone);
  if (elsewhere !== undefined) return unable("elsewhere", elsewhere);
  const triesPending = (spec.deliver ?? []).every(
    (entry) => entry.webhook?.triesPending === true || !stages(entry),
  );
  return {
    able: true,
    recipe: rotator.recipe(spec),
    identity: rotator.identity(spec, (name) => documents.connections.get(name)?.document.spec),
    shape: shapeOf(credential),
    triesPending,
  };
}

function stages(entry: Parameters<typeof deliverKind>[0]): boolean {
  return DELIVERIES.find(({ kind }) => kind === deliverKind(entry))?.stages(entry) ?? false;
}

function unable(why: "elsewhere" | "unsupported", reason: string): Capability {
  return { able: false, why, reason };
}
