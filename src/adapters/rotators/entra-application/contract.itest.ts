import { instantOf } from "../../../core/model/instant.ts";
import { Secret } from "../../../core/model/secret.ts";
import { bindEntra, runnerClient } from "../../../testing/services/entra/entra-orders.ts";
import { startEntra } from "../../../testing/services/entra/entra-service.ts";
import type { OverlapBench } from "../../../testing/suites/overlap-bench.ts";
import { describeOverlapRotator } from "../../../testing/suites/rotator-suite.ts";
import { requestToken } from "../../clients/oauth/token-request.ts";
import { COARSENESS, REPORTING_LAG } from "./use.ts";

/** An application without client secrets that the runner's client owns, and beside it a stranger with one. */
async function open(): Promise<OverlapBench> {
  let now = Math.floor(Date.now() / 1000);
  const service = await startEntra(() => now * 1000);
  const { client, door } = runnerClient(service, ["Application.ReadWrite.OwnedBy", "AuditLog.Read.All"]);
  const application = service.addApplication();
  application.owners.add(client.appId);
  application.tags = ["HideApp", "team:payments"];
  const stranger = service.addApplication();
  stranger.owners.add(client.appId);
  service.addByHand(stranger);
  return {
    bind: async () => bindEntra(application.appId, { ...door, now: () => now }),
    now: () => instantOf(now),
    pass: (seconds) => {
      now += seconds;
    },
    addByHand: async () => {
      service.addByHand(application, "made by hand");
    },
    logIn: async (parts) => {
      const answer = await requestToken(
        {
          tokenUrl: new URL(`${service.url}/${service.tenant.id}/oauth2/v2.0/token`),
          clientId: parts.get("clientId")?.reveal() ?? "",
          clientSecret: parts.get("clientSecret") ?? new Secret(""),
          scope: `${service.url}/.default`,
        },
        AbortSignal.timeout(20_000),
      );
      return answer.ok;
    },
    others: async () => ({
      passwords: stranger.passwords,
      tags: application.tags.filter((tag) => !tag.startsWith("cre:")),
      strangerTags: stranger.tags,
    }),
    close: async () => service.close(),
  };
}

describeOverlapRotator(
  "entra-application",
  {
    fencesEpochs: true,
    seesUse: true,
    toldWithin: REPORTING_LAG,
    coarseness: COARSENESS + 1,
    seesRefusedUse: false,
    deactivates: false,
  },
  async () => open(),
);
