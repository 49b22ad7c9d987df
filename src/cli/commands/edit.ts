import type { Kind } from "../../core/documents/kinds.ts";
import type { Command } from "../command.ts";
import { write } from "../writing.ts";

const KIND_NAMES: readonly Kind[] = [
  "Credential",
  "Connection",
  "Settings",
  "Policy",
  "Exception",
  "Snooze",
  "Hold",
];

export const edit: Command = {
  name: "edit",
  group: "Write documents",
  summary: "Set fields of one document; comments and every other byte of its file stay.",
  detail: [
    "The value is read as YAML: true, 3, [a, b], { team: x }, else text. A path without spec or metadata in front is one below spec. The result is validated before it is written; with any problem nothing is.",
  ],
  args: [
    { name: "NAME", summary: "The credential, or another document whose name is unique.", required: true },
  ],
  options: [
    {
      name: "set",
      value: "PATH=VALUE",
      many: true,
      required: true,
      summary: "A field and its new value, such as owner.team=payments or access[0].until=2027-01-01.",
    },
    {
      name: "kind",
      value: "KIND",
      choices: KIND_NAMES,
      summary: "Kind of the document, where NAME alone does not say.",
    },
  ],
  examples: [
    { line: "cre edit orders-db --set owner.contact=orders@example.com", does: "Change one field" },
    {
      line: "cre edit database-passwords --kind Policy --set rotateWithin=45d",
      does: "Change a policy",
    },
  ],
  run: async (invocation, context) => {
    const { editFields, parseFieldEdit } = await import("../../app/writing/edit-fields.ts");
    const [name = ""] = invocation.args;
    const edits = invocation.values("set").map(parseFieldEdit);
    const kind = KIND_NAMES.find((each) => each === invocation.value("kind"));
    return write(invocation, context, (writing) =>
      editFields(writing, { name, edits, ...(kind === undefined ? {} : { kind }) }),
    );
  },
};
