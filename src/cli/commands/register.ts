import type { Command } from "../command.ts";
import { keyAndValue } from "../looking.ts";
import { TYPES } from "../options.ts";
import { given, write } from "../writing.ts";

export const register: Command = {
  name: "register",
  group: "Write documents",
  summary: "Add a credential to the registry.",
  detail: [
    "Writes a Credential document behind those of the same service, or into a new file. It holds what is known about the credential, never its value. What has no option of its own goes by --set, as in `cre edit`.",
  ],
  args: [{ name: "NAME", summary: "Its name: lower-case letters, digits and dashes.", required: true }],
  options: [
    {
      name: "type",
      value: "TYPE",
      required: true,
      choices: TYPES,
      summary: "What kind of credential it is.",
    },
    { name: "service", value: "NAME", required: true, summary: "The service that owns it." },
    { name: "team", value: "NAME", required: true, summary: "The team that answers for it." },
    { name: "contact", value: "TEXT", required: true, summary: "Mail address or channel of the team." },
    {
      name: "method",
      value: "METHOD",
      choices: ["manual", "automated", "delegated"],
      summary: "Who rotates it: a person (default), this tool, or another system.",
    },
    { name: "created-at", value: "INSTANT", summary: "When it was first made; default: today." },
    { name: "label", value: "KEY=VALUE", many: true, summary: "A label." },
    { name: "set", value: "PATH=VALUE", many: true, summary: "A further field." },
    { name: "file", value: "FILE", summary: "File to put it in, below registry/." },
  ],
  examples: [
    {
      line: "cre register payments-key --type api-key --service payments-api --team payments --contact payments@example.com",
      does: "A key that people rotate",
    },
  ],
  run: async (invocation, context) => {
    const { registerCredential } = await import("../../app/writing/register.ts");
    const { parseFieldEdit } = await import("../../app/writing/edit-fields.ts");
    const [name = ""] = invocation.args;
    const text = (option: string): string => invocation.value(option) ?? "";
    const options = {
      name,
      type: text("type"),
      service: text("service"),
      team: text("team"),
      contact: text("contact"),
      method: invocation.value("method") ?? "manual",
      labels: Object.fromEntries(
        invocation.values("label").map((label) => {
          const { key, value } = keyAndValue("--label", label);
          return [key, value];
        }),
      ),
      edits: invocation.values("set").map(parseFieldEdit),
      ...given(invocation, { createdAt: "created-at", file: "file" }),
    };
    return write(invocation, context, (writing) => registerCredential(writing, options));
  },
};
