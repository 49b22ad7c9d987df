import { EffectError } from "../../../core/model/errors.ts";
import { addTo } from "../../../core/model/instant.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { Issued, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { refuseStale, sameVersion } from "../../../core/rotation/fence.ts";
import {
  type Application,
  described,
  fieldsOf,
  isLive,
  type Password,
  passwordIn,
  pathOf,
  readApplication,
} from "./application.ts";
import { strangeAnswer } from "./failure.ts";
import { change, type Graph, WRITES } from "./graph.ts";
import { markName } from "./mark.ts";
import { placeOf, type Site } from "./site.ts";
import { untilVisible } from "./visible.ts";

/** Entra would take more; a rotation needs the old one and the new one, and any other has a user that nobody knows. */
const SLOTS = 2;

/**
 * Makes a client secret for this attempt. It carries the mark from its first moment on, as its name, so that one whose
 * maker died is known as ours.
 */
export async function issueSecret(
  graph: Graph,
  mark: Mark,
  occupied: readonly ObservedVersion[],
  signal: AbortSignal,
): Promise<Issued> {
  const { site } = graph;
  const application = await readApplication(graph, signal);
  refuseTaken(site, application, occupied, mark);
  for (const { keyId, mark: present } of application.passwords) refuseStale(keyId, present, mark.epoch);
  const made = await addPassword(graph, mark, signal);
  await untilVisible(
    graph,
    `${made.keyId} was made`,
    ({ passwords }) => passwords.some(({ keyId }) => keyId === made.keyId),
    signal,
  );
  return {
    handle: made.keyId,
    slot: made.keyId,
    createdAt: made.since ?? site.ports.clock.now(),
    ...(made.until === undefined ? {} : { expiresAt: made.until }),
    parts: new Map([
      ["clientId", new Secret(site.applicationId)],
      ["clientSecret", made.secret],
    ]),
  };
}

type NewPassword = Omit<Password, "mark"> & { readonly secret: Secret };

async function addPassword(graph: Graph, mark: Mark, signal: AbortSignal): Promise<NewPassword> {
  const { site } = graph;
  const displayName = markName(mark);
  const call = {
    method: "POST",
    path: pathOf(site, "/addPassword"),
    body: {
      passwordCredential: { displayName, endDateTime: addTo(site.ports.clock.now(), site.lifetime) },
    },
    action: "addPassword",
    permission: WRITES,
  } as const;
  const answer = fieldsOf(await change(graph, call, signal));
  const made = passwordIn(answer);
  const { secretText } = answer ?? {};
  const asked = { place: placeOf(site), action: call.action, permission: call.permission };
  if (made === undefined || typeof secretText !== "string" || secretText === "") {
    throw strangeAnswer(asked, "it does not say which client secret was made");
  }
  // One that nobody would know as ours again must not be used: the probe tells what is there.
  if (made.name !== displayName) throw strangeAnswer(asked, "the client secret has another name");
  return { ...made, secret: new Secret(secretText) };
}

function refuseTaken(
  site: Site,
  { passwords }: Application,
  occupied: readonly ObservedVersion[],
  mark: Mark,
): void {
  const again = passwords.find((password) => sameVersion(password.mark, mark));
  if (again !== undefined) {
    throw new EffectError(
      "refused",
      "slot-taken",
      `${placeOf(site)} has a client secret of this attempt already`,
      {
        evidence: again.keyId,
        fix: "nothing: it is dropped, and another attempt made",
      },
    );
  }
  const live = passwords.filter((password) => isLive(password, site.ports.clock.now()));
  const foreign = live.filter(({ keyId }) => occupied.every(({ handle }) => handle !== keyId));
  if (foreign.length > 0 || live.length >= SLOTS) throw slotsTaken(site, live, foreign.length === 0);
}

/** Why no client secret can be made: those that can sign in, as the portal shows them. */
export function slotsTaken(site: Site, live: readonly Password[], allOnRecord = false): EffectError {
  return new EffectError(
    "refused",
    "slot-taken",
    `${placeOf(site)} has ${live.length} client secrets that can sign in, and ${allOnRecord ? "all are on record" : "not all of them are on record"}: none is touched`,
    {
      evidence: live.map((password) => `${password.keyId} (${described(password)})`).join("; "),
      fix: "find out who uses the other one (sign-in logs of the service principal show its key id), and remove it; name the one that this document is about as `handle` before it is adopted",
      retryable: false,
    },
  );
}
