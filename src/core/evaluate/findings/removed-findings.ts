import { namesIn } from "../../reviews/vanished.ts";
import { canAuthenticate } from "../../rotation/reconcile.ts";
import type { Circumstances } from "../circumstances.ts";
import { waiverOf } from "../exceptions.ts";
import type { Facts, FindingDraft } from "./make-finding.ts";

/** Documents that vanished before their retirement, or while versions live on. One that is merely invalid did not vanish. */
export function removedDrafts({ input, exceptions }: Circumstances): readonly FindingDraft[] {
  const { documents, state, incomplete } = input;
  if (incomplete === true) return [];
  const present = namesIn(documents);
  const names = new Set([...state.statuses.keys(), ...Object.keys(state.books?.reviews?.vanished ?? {})]);
  return [...names].flatMap((credential): FindingDraft[] => {
    const facts = present.has(credential) ? undefined : goneFacts(credential, input);
    if (facts === undefined) return [];
    const code = "removed-without-retirement";
    const about = exceptions.filter(({ source }) => source.document.spec.credentials?.includes(credential));
    const { by } = waiverOf(about, { code }, documents);
    return [{ code, level: "critical", credential, facts, waivedBy: by }];
  });
}

/** What is known of a credential without a document; undefined: nothing that anybody must look at. */
function goneFacts(credential: string, { state, now }: Circumstances["input"]): Facts | undefined {
  const status = state.statuses.get(credential);
  const handles = (status?.versions ?? [])
    .filter((version) => canAuthenticate(version, now))
    .map(({ handle }) => handle);
  const vanished = state.books?.reviews?.vanished?.[credential];
  if (handles.length === 0 && vanished === undefined) return undefined;
  return {
    live: handles.length,
    handles: handles.join(", "),
    ...(status === undefined ? {} : { service: status.service }),
    ...(vanished === undefined
      ? {}
      : { on: vanished.at.slice(0, 10), author: vanished.author, commit: vanished.commit.slice(0, 10) }),
  };
}
