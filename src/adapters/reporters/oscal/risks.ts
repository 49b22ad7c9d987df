import type { ReportModel } from "../../../core/report/report-schema.ts";
import { markup, property } from "./texts.ts";
import { uuidOf } from "./uuid.ts";

/** Each exception that counts, as a deviation that people approved until its end. */
export function risksOf({ exceptions }: ReportModel, place: readonly string[]): readonly unknown[] {
  return exceptions
    .filter(({ counts }) => counts)
    .map((exception) => ({
      uuid: uuidOf("risk", ...place, exception.name),
      title: markup(`Exception ${exception.name}: ${exception.about}`),
      description: markup(exception.justification),
      statement: markup(
        `It covers ${exception.covers} credentials and waives ${exception.waives} findings. ${exception.compensatingControls ?? "No compensating control is declared."}`,
      ),
      props: [
        ...property("requested-by", exception.requestedBy),
        ...property("approved-by", exception.approvers.join(", ") || exception.declaredApprover),
        ...property("change", exception.change),
      ],
      status: "deviation-approved",
      deadline: exception.expiresAt,
    }));
}
