import { EffectError } from "../../../core/model/errors.ts";
import type { Instant } from "../../../core/model/instant.ts";
import type { Evidence, ObservedVersion } from "../../../core/ports/rotator.ts";
import { readUser } from "./keys.ts";
import { change, placeOf, type Site } from "./site.ts";

const POLICY = "cre-deny-sessions-of-incident";

/**
 * After an incident: sessions that the user's keys minted (GetSessionToken, GetFederationToken) outlive the keys, up to
 * 36 hours, but act with the user's rights: a policy denies them everything by their date. Long-term keys have no
 * `aws:TokenIssueTime`, so the new one is not concerned. Sessions of roles that the user assumed are those roles' own.
 */
export async function containKey(
  site: Site,
  version: ObservedVersion,
  since: Instant,
  signal: AbortSignal,
): Promise<readonly Evidence[]> {
  const { keys } = await readUser(site, signal);
  const left = keys.find(({ id }) => id === version.handle);
  const key: Evidence = {
    place: `access key ${version.handle}`,
    dead: left === undefined || !left.active,
    detail: left === undefined ? "deleted" : left.active ? "still active" : "inactive",
  };
  return [key, await denySessions(site, since, signal)];
}

async function denySessions(site: Site, since: Instant, signal: AbortSignal): Promise<Evidence> {
  const place = `sessions of ${placeOf(site)}`;
  const failure = await putPolicy(site, since, signal);
  if (failure === undefined) {
    return {
      place,
      dead: true,
      detail:
        `those from before ${since} are denied everything by the inline policy ${POLICY}, which may go after 36 hours; ` +
        "sessions of roles that the user assumed are not among them: look for AssumeRole in CloudTrail",
    };
  }
  return {
    place,
    dead: false,
    detail: `${failure.message}${failure.fix === undefined ? "" : `; ${failure.fix}`}`,
  };
}

async function putPolicy(site: Site, since: Instant, signal: AbortSignal): Promise<EffectError | undefined> {
  const document = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: { DateLessThan: { "aws:TokenIssueTime": since } },
      },
    ],
  };
  try {
    await change(site, "end", "iam:PutUserPolicy", signal, async (iam, options) =>
      iam.putUserPolicy(
        { UserName: site.user, PolicyName: POLICY, PolicyDocument: JSON.stringify(document) },
        options,
      ),
    );
    return undefined;
  } catch (error) {
    if (error instanceof EffectError) return error;
    throw error;
  }
}
