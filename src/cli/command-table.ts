import type { Command } from "./command.ts";
import { audit, auditAnchor, auditVerify } from "./commands/audit.ts";
import { check } from "./commands/check.ts";
import { compromise } from "./commands/compromise.ts";
import { evaluate } from "./commands/evaluate.ts";
import { explain } from "./commands/explain.ts";
import { hold } from "./commands/hold.ts";
import { list } from "./commands/list.ts";
import { plan } from "./commands/plan.ts";
import { release } from "./commands/release.ts";
import { proceed, retry, rollback } from "./commands/requests.ts";
import { rotate } from "./commands/rotate.ts";
import { run } from "./commands/run.ts";
import { schema } from "./commands/schema.ts";
import { show } from "./commands/show.ts";
import { status } from "./commands/status.ts";
import { validate } from "./commands/validate.ts";

/** Every command, in the order in which help and the reference page show them. */
export const COMMANDS: readonly Command[] = [
  validate,
  list,
  evaluate,
  plan,
  show,
  explain,
  status,
  run,
  rotate,
  compromise,
  hold,
  release,
  retry,
  rollback,
  proceed,
  audit,
  auditVerify,
  auditAnchor,
  check,
  schema,
];
