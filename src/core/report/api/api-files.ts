import type { ReportModel } from "../report-schema.ts";
import type { ApiSchema } from "./api-schemas.ts";
import { credentialDetails, credentialLines } from "./credential-lines.ts";

/** One file of the API, before it is text. */
export interface ApiFile {
  /** Below `api/v1/`. */
  readonly path: string;
  readonly schema: ApiSchema;
  readonly value: object;
}

/** What a file holds beside what all of them begin with. */
interface Content {
  readonly path: string;
  readonly schema: ApiSchema;
  readonly kind: string;
  readonly parts: object;
}

/**
 * The report as the files of a read-only API that any static host serves, one after the other: an index, an overview of
 * each part, and one file for each credential and framework. Parts that the report does not have have no file.
 */
export function* apiFiles(model: ReportModel): Iterable<ApiFile> {
  const { apiVersion, identity, population, credentials } = model;
  const overview = [...partsOf(model)];
  const links = [
    ...overview.map(({ path, schema }) => ({ path, schema, names: null })),
    {
      path: "credentials/{name}.json",
      schema: "report-credential",
      names: credentials.map(({ name }) => name),
    },
  ];
  const index: Content = {
    path: "index.json",
    schema: "report-index",
    kind: "ReportIndex",
    parts: { api: "v1", population, links },
  };
  for (const { path, schema, kind, parts } of [index, ...overview]) {
    yield { path, schema, value: { apiVersion, kind, identity, ...parts } };
  }
  const detailOf = credentialDetails(model);
  for (const credential of credentials) {
    yield {
      path: `credentials/${credential.name}.json`,
      schema: "report-credential",
      value: { apiVersion, kind: "Credential", identity, ...detailOf(credential) },
    };
  }
}

function* partsOf(model: ReportModel): Iterable<Content> {
  const { health, scorecard, population, trend, timeline, findings, exceptions } = model;
  const { rotations, incidents, holds, controls, period, discovery } = model;
  yield {
    path: "scorecard.json",
    schema: "report-scorecard",
    kind: "Scorecard",
    parts: { health, scorecard, population, trend },
  };
  yield { path: "timeline.json", schema: "report-timeline", kind: "Timeline", parts: { timeline } };
  yield {
    path: "credentials.json",
    schema: "report-credentials",
    kind: "Credentials",
    parts: { credentials: credentialLines(model) },
  };
  yield { path: "findings.json", schema: "report-findings", kind: "Findings", parts: { findings } };
  yield {
    path: "open-work.json",
    schema: "report-open-work",
    kind: "OpenWork",
    parts: { rotations, incidents, holds },
  };
  yield { path: "exceptions.json", schema: "report-exceptions", kind: "Exceptions", parts: { exceptions } };
  for (const framework of controls?.frameworks ?? []) {
    yield {
      path: `frameworks/${framework.id}.json`,
      schema: "report-framework",
      kind: "Framework",
      parts: { framework, checks: checksOf(framework, controls?.checks ?? []) },
    };
  }
  if (period !== null) {
    yield { path: "period.json", schema: "report-period", kind: "Period", parts: { period } };
  }
  if (discovery !== null) {
    yield { path: "discovery.json", schema: "report-discovery", kind: "Discovery", parts: { discovery } };
  }
}

type Controls = NonNullable<ReportModel["controls"]>;

/** The checks that a framework's controls name, as they came out on the credentials that it is about. */
export function checksOf(
  framework: Controls["frameworks"][number],
  checks: Controls["checks"],
): Controls["checks"] {
  const named = new Set(framework.controls.flatMap((control) => control.checks.map(({ check }) => check)));
  return (framework.checks ?? checks).filter(({ check }) => named.has(check));
}
