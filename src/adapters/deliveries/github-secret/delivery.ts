import { renderValues } from "../../../core/delivery/render-values.ts";
import { isSecretName } from "../../../core/documents/check/github-targets.ts";
import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { Secret, SecretParts } from "../../../core/model/secret.ts";
import type { BoundDelivery, Delivery, DeliveryPorts, Held } from "../../../core/ports/delivery.ts";
import { githubClient } from "../../clients/github/octokit.ts";
import { heldBy, markerName } from "./marker.ts";
import { pushAll } from "./push.ts";
import { checkValues } from "./seal.ts";
import { SecretPlace } from "./secret-place.ts";
import { type GithubTarget, type Location, locationOf } from "./target.ts";

const API = "https://api.github.com";

/**
 * The `github-secret` delivery: secrets of Actions of a repository, an environment or an organisation. GitHub never
 * shows a secret again, so a variable beside them says which attempt they hold.
 */
export const githubSecretDelivery: Delivery = {
  kind: "github-secret",
  connections: (entry) => {
    const target = entry["github-secret"];
    return target === undefined ? [] : [target.connection];
  },
  stages: () => false,
  bind: async (name, _, entry, ports) => bindGithubSecret(name, entry, ports),
};

function bindGithubSecret(credential: string, entry: DeliverEntry, ports: DeliveryPorts): BoundDelivery {
  const target = entry["github-secret"];
  if (target === undefined) throw new Error("bound to an entry of another kind");
  const { github: connection } = ports.connection(target.connection);
  if (connection === undefined) {
    throw new CreError(
      "connection-kind",
      `${credential} delivers to GitHub over ${target.connection}, which is no github connection`,
      { fix: "name a connection with github" },
    );
  }
  const names = namesOf(credential, target);
  const location = locationOf(credential, target, new URL(connection.url ?? API).host);
  const ca = connection.ca === undefined ? undefined : ports.readFile(connection.ca);
  const variable = markerName(credential);
  const open = async (signal: AbortSignal): Promise<SecretPlace> => {
    if (signal.aborted) {
      throw new EffectError("refused", "interrupted", `${location.label}: interrupted before it was asked`);
    }
    return new SecretPlace(await githubClient(connection, ca, ports.secrets), location, signal);
  };
  return {
    label: location.label,
    consumer: entry.consumer,
    confirms: false,
    triesPending: false,
    preflight: async (signal) => {
      const place = await open(signal);
      await place.checkRepository();
      await place.publicKey();
      await heldIn(place, variable, names);
    },
    push: async ({ attempt }, parts, signal) => {
      const values = valuesOf(location, target, parts);
      const place = await open(signal);
      const { label } = location;
      await pushAll({ label, place, variable, attempt, values, pause: ports.pause, signal });
    },
    holds: async (signal) => {
      try {
        return await heldIn(await open(signal), variable, names);
      } catch (error) {
        if (error instanceof CreError) return "unknown";
        throw error;
      }
    },
  };
}

async function heldIn(
  place: SecretPlace,
  variable: string,
  names: readonly string[],
): Promise<Held | "unknown"> {
  const { marker } = await place.marker(variable, names);
  const written: (number | undefined)[] = [];
  for (const name of names) written.push((await place.secret(name))?.writtenAt);
  return heldBy(marker, written);
}

function namesOf(credential: string, { values }: GithubTarget): readonly string[] {
  const names = Object.keys(values);
  const wrong = names.find((name) => !isSecretName(name));
  if (wrong === undefined) return names;
  throw new CreError(
    "github-name",
    `${credential}: ${JSON.stringify(wrong)} is no name of a secret at GitHub`,
    { fix: "use letters, digits and _, with no digit first and no GITHUB_ at the beginning" },
  );
}

function valuesOf(
  { label }: Location,
  { values }: GithubTarget,
  parts: SecretParts,
): ReadonlyMap<string, Secret> {
  try {
    const rendered = renderValues(values, parts);
    checkValues(label, rendered);
    return rendered;
  } catch (error) {
    if (!(error instanceof CreError) || error instanceof EffectError) throw error;
    throw new EffectError("refused", error.code, `${label}: ${error.message}`, {
      ...(error.evidence === undefined ? {} : { evidence: error.evidence }),
      ...(error.fix === undefined ? {} : { fix: error.fix }),
      retryable: false,
    });
  }
}
