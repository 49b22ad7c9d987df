import { createReceiver } from "../../../../examples/webhook-receiver/receiver.ts";
import { createAuthority } from "../../../testing/services/certificates.ts";
import { type Breakdown, describeStagingDelivery } from "../../../testing/suites/delivery-suite.ts";
import { bindHook, HOOK_KEY, HOOK_TIME, listen } from "../../../testing/suites/webhook-bench.ts";

/** The example receiver as the peer; when it is broken, something in front of it answers with what was sent. */
async function openBench(tls: boolean) {
  const authority = createAuthority();
  const receiver = await createReceiver({
    keys: new Map([[HOOK_KEY.id, HOOK_KEY.secret]]),
    clock: () => HOOK_TIME * 1000,
  });
  let broken: Breakdown | undefined;
  const hook = await listen(
    (request, response) => {
      if (broken === undefined) {
        receiver.handle(request, response);
        return;
      }
      response.writeHead(broken === "refuses" ? 422 : 500, { ...request.headers });
      request.pipe(response);
    },
    tls ? authority.issue(["127.0.0.1"]) : undefined,
  );
  return {
    delivery: await bindHook(
      `${tls ? "https" : "http"}://127.0.0.1:${hook.port}/credentials?tenant=a%20b`,
      tls ? { ca: authority.ca } : {},
    ),
    inUse: async () => receiver.credentials("orders-db").current?.parts["password"],
    breakDown: async (how: Breakdown) => {
      broken = how;
    },
    close: async () => hook.close(),
  };
}

describeStagingDelivery("webhook over http to this machine", async () => openBench(false));
describeStagingDelivery("webhook over https", async () => openBench(true));
