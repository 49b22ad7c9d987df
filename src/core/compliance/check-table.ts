import { compareText } from "../evaluate/order.ts";
import type { CheckInput } from "./check-input.ts";
import { type Check, type CheckResult, carryOut } from "./check-result.ts";
import { CERTIFICATE_CHECKS } from "./checks/certificate-checks.ts";
import { GOVERNANCE_CHECKS } from "./checks/governance-checks.ts";
import { INVENTORY_CHECKS } from "./checks/inventory-checks.ts";
import { ROTATION_CHECKS } from "./checks/rotation-checks.ts";
import { TRAIL_CHECKS } from "./checks/trail-checks.ts";

/** Every check, by id. */
export const CHECKS: readonly Check[] = [
  ...ROTATION_CHECKS,
  ...INVENTORY_CHECKS,
  ...CERTIFICATE_CHECKS,
  ...GOVERNANCE_CHECKS,
  ...TRAIL_CHECKS,
].toSorted((a, b) => compareText(a.id, b.id));

/** All checks, carried out on the same facts. */
export function carryOutAll(input: CheckInput): readonly CheckResult[] {
  return CHECKS.map((check) => carryOut(check, input));
}
