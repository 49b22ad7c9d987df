import type { Command } from "../command.ts";
import { actorOf } from "../repository.ts";
import { given, write } from "../writing.ts";

export const except: Command = {
  name: "except",
  group: "Write documents",
  summary: "Ask for an exception: waive findings of one policy or one code for a while.",
  detail: [
    "Writes an Exception document. It counts from its start to its end once another person approved it, and never against an emergency. It is refused at once where it could never count, such as for longer than the policy allows.",
  ],
  args: [{ name: "NAME", summary: "Credentials it is for.", required: false, many: true }],
  options: [
    {
      name: "sighting",
      value: "HANDLE|PLACE",
      many: true,
      summary:
        "Instead of names: what discovery saw and nobody registered; with `*` only what was seen by its start.",
    },
    { name: "policy", value: "NAME", summary: "Policy whose findings are waived." },
    {
      name: "finding",
      value: "CODE",
      summary:
        "Code of the finding that is waived, instead of a policy; of sightings `unmanaged` unless you give one.",
    },
    {
      name: "until",
      value: "INSTANT|DURATION",
      required: true,
      summary: "Its end, exclusive, or how long it runs.",
    },
    {
      name: "justification",
      value: "TEXT",
      required: true,
      summary: "Why the rule cannot be kept; 20 characters or more.",
    },
    { name: "from", value: "INSTANT", summary: "Its start; default: today." },
    { name: "controls", value: "TEXT", summary: "What reduces the risk meanwhile." },
    { name: "requested-by", value: "PERSON", summary: "Who asks; default: you." },
    { name: "approved-by", value: "PERSON", summary: "Who approved it; another person." },
    { name: "name", value: "NAME", summary: "Name of the document; default: made from what it is about." },
    { name: "file", value: "FILE", summary: "File to put it in, below exceptions/." },
  ],
  examples: [
    {
      line: 'cre except orders-db --policy database-passwords --until 30d --justification "Change freeze until the sale is over."',
      does: "A month more for one password",
    },
    {
      line: 'cre except --sighting "ci-*" --until 90d --justification "Users of the old build farm, which ends in March."',
      does: "What discovery saw there is known and need not be registered",
    },
  ],
  run: async (invocation, context) => {
    const { requestException } = await import("../../app/writing/waivers.ts");
    const options = {
      credentials: invocation.args,
      sightings: invocation.values("sighting"),
      justification: invocation.value("justification") ?? "",
      until: invocation.value("until") ?? "",
      requestedBy: invocation.value("requested-by") ?? actorOf(context.env),
      ...given(invocation, {
        policy: "policy",
        finding: "finding",
        from: "from",
        controls: "controls",
        approvedBy: "approved-by",
        name: "name",
        file: "file",
      }),
    };
    return write(invocation, context, (writing) => requestException(writing, options));
  },
};
