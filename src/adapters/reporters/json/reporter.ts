import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";

const API = "api/v1";

/**
 * `report.json` with everything (schema `report`), and the same cut into a folder that any static host serves: an
 * overview, and one file for each credential with its findings, rotation and exceptions.
 */
export const jsonReporter: Reporter = {
  format: "json",
  files: function* (model): Iterable<ReportFile> {
    yield { path: "report.json", content: `${JSON.stringify(model, undefined, 2)}\n` };
    const { apiVersion, identity, health, scorecard, population, timeline, credentials } = model;
    const head = { apiVersion, identity };
    yield {
      path: `${API}/scorecard.json`,
      content: text({ ...head, kind: "Scorecard", health, scorecard, population }),
    };
    yield { path: `${API}/timeline.json`, content: text({ ...head, kind: "Timeline", timeline }) };
    yield { path: `${API}/credentials.json`, content: text({ ...head, kind: "Credentials", credentials }) };
    const details = detailsOf(model);
    for (const credential of credentials) {
      const detail = { ...head, kind: "Credential", credential, ...details(credential.name) };
      yield { path: `${API}/credentials/${credential.name}.json`, content: text(detail) };
    }
  },
};

/** What belongs to one credential, found without looking through every list for each. */
function detailsOf({ credentials, findings, rotations, exceptions, incidents }: ReportModel) {
  const findingsBy = Map.groupBy(findings, ({ credential }) => credential);
  const rotationsBy = Map.groupBy(rotations, ({ credential }) => credential);
  const incidentsBy = Map.groupBy(incidents, ({ credential }) => credential);
  const exceptionsBy = new Map(exceptions.map((exception) => [exception.name, exception]));
  const namesBy = new Map(credentials.map((credential) => [credential.name, credential.exceptions]));
  return (name: string) => ({
    findings: findingsBy.get(name) ?? [],
    rotations: rotationsBy.get(name) ?? [],
    exceptions: (namesBy.get(name) ?? []).flatMap((about) => exceptionsBy.get(about) ?? []),
    incidents: incidentsBy.get(name) ?? [],
  });
}

/** For programs alone, of which a browser may have to load a lot. */
function text(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
