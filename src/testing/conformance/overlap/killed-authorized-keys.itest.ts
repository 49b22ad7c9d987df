import { openAuthorizedKeysProvider } from "./authorized-keys-provider.ts";
import { describeKilledOverlap } from "./killed-overlap.ts";

/** On the first host everything that changes something, on the second what counts. */
const SSH_WRITES = [
  "web-1 prepare",
  "web-1 replace",
  "web-1 remove authorized_keys.cre-revert",
  "web-2 replace",
];

describeKilledOverlap({
  name: "authorized-keys",
  title: "SSH keys of an account on two hosts",
  open: openAuthorizedKeysProvider,
  writes: { 0: SSH_WRITES, 1: SSH_WRITES, 2: SSH_WRITES, 3: SSH_WRITES },
  mains: [],
  // An edit is the same whatever it is for: of all but the first one, what is left half done is enough.
  interrupts: ({ run, write, side }) =>
    write.endsWith(" replace") && (run === 1 || (run > 1 && side === "after" && write.startsWith("web-2"))),
  kills: ({ run, side, write }) =>
    side === "after" && (run === 1 || (run === 0 ? write === "web-1 replace" : write.endsWith(" replace"))),
});
