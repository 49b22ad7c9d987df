import type { Command } from "./command.ts";
import { access } from "./commands/access.ts";
import { audit, auditAnchor, auditVerify } from "./commands/audit.ts";
import { baseline } from "./commands/baseline.ts";
import { check } from "./commands/check.ts";
import { compromise } from "./commands/compromise.ts";
import { controls } from "./commands/controls.ts";
import { discover } from "./commands/discover.ts";
import { edit } from "./commands/edit.ts";
import { evaluate } from "./commands/evaluate.ts";
import { evidence } from "./commands/evidence.ts";
import { except } from "./commands/except.ts";
import { explain } from "./commands/explain.ts";
import { hold } from "./commands/hold.ts";
import { impact } from "./commands/impact.ts";
import { list } from "./commands/list.ts";
import { plan } from "./commands/plan.ts";
import { register } from "./commands/register.ts";
import { release } from "./commands/release.ts";
import { report } from "./commands/report.ts";
import { proceed, retry, rollback } from "./commands/requests.ts";
import { retire } from "./commands/retire.ts";
import { rotate } from "./commands/rotate.ts";
import { rotated } from "./commands/rotated.ts";
import { run } from "./commands/run.ts";
import { schema } from "./commands/schema.ts";
import { show } from "./commands/show.ts";
import { snooze } from "./commands/snooze.ts";
import { status } from "./commands/status.ts";
import { validate } from "./commands/validate.ts";

/** Every command, in the order in which help and the reference page show them. */
export const COMMANDS: readonly Command[] = [
  validate,
  list,
  evaluate,
  plan,
  impact,
  show,
  explain,
  status,
  discover,
  run,
  rotate,
  compromise,
  hold,
  release,
  retry,
  rollback,
  proceed,
  register,
  edit,
  rotated,
  retire,
  except,
  snooze,
  baseline,
  report,
  evidence,
  access,
  audit,
  auditVerify,
  auditAnchor,
  controls,
  check,
  schema,
];
