import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AwsEstate } from "./account.ts";
import { ACM_ACTIONS } from "./acm-actions.ts";
import type { ActionCall, AwsActions } from "./action.ts";
import { AwsError, invalidToken } from "./aws-error.ts";
import { type AwsFault, AwsFaults, serverError, throttled } from "./faults.ts";
import { IAM_ACTIONS } from "./iam-actions.ts";
import { decide } from "./policy.ts";
import { anonymous, authenticated, type Principal } from "./principal.ts";
import { SECRETS_MANAGER_ACTIONS } from "./secrets-manager-actions.ts";
import { type SignedRequest, signatureClaim } from "./signature.ts";
import { SSM_ACTIONS } from "./ssm-actions.ts";
import { assumedRole, STS_ACTIONS } from "./sts-actions.ts";
import { readWire, type WireAnswer, type WireRequest } from "./wire-protocol.ts";

/** An action that somebody who was signed in has asked for. */
export interface AwsCallRecord {
  /** As policies name it: `iam:CreateAccessKey`. */
  readonly action: string;
  /** ARN. */
  readonly principal: string;
  /** ARN that policies were asked about, or `*`. */
  readonly resource: string;
  /** The error that was answered, or the fault that took its place. */
  error?: string;
}

/** Instead of its answer: the connection is closed, an error of the service, or nothing ever. */
export type AwsInterruption = "lost" | "error" | "hang";

/** Hears of an action around its happening, and may interrupt it there; before it, it does not happen. */
export type AwsListener = (call: AwsCallRecord, side: "before" | "after") => AwsInterruption | undefined;

/** Time of the provider; how far the machine's time is from what signatures are compared with, in seconds. */
export interface StandInTime {
  readonly clock: () => Date;
  skewSeconds: number;
}

const SERVICES: Readonly<Record<string, AwsActions>> = {
  iam: IAM_ACTIONS,
  sts: STS_ACTIONS,
  secretsmanager: SECRETS_MANAGER_ACTIONS,
  ssm: SSM_ACTIONS,
  acm: ACM_ACTIONS,
};

/** The requests of one stand-in: who asks, whether they may, what happens, what they are told. */
export class AwsStandInServer {
  readonly calls: AwsCallRecord[] = [];
  readonly faults = new AwsFaults(
    Object.entries(SERVICES).flatMap(([service, actions]) =>
      Object.keys(actions).map((action) => `${service}:${action}`),
    ),
  );
  listener: AwsListener | undefined;
  readonly #estate: AwsEstate;
  readonly #time: StandInTime;

  constructor(estate: AwsEstate, time: StandInTime) {
    this.#estate = estate;
    this.#time = time;
  }

  async listen(): Promise<Server> {
    const server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let wire: WireRequest | undefined;
    try {
      const request = await signedRequest(incoming);
      wire = readWire(request);
      const { output, fault } = await this.#perform(request, wire);
      if (fault === "drop" || fault === "dropAfter") incoming.socket.destroy();
      else if (fault === undefined) this.#answer(response, wire.answer(output));
    } catch (error) {
      if (error instanceof AwsError) {
        this.#answer(response, wire?.refuse(error) ?? unread(error));
        return;
      }
      // A defect of the stand-in fails the tests, rather than looking like a fault of AWS.
      incoming.socket.destroy();
      throw error;
    }
  }

  async #perform(
    request: SignedRequest,
    wire: WireRequest,
  ): Promise<{ output: ReturnType<AwsActions[string]["act"]>; fault: AwsFault | undefined }> {
    const { service, action: name, input } = wire;
    const action = SERVICES[service]?.[name];
    if (action === undefined) {
      throw new AwsError("InvalidAction", 400, `the stand-in does not know ${service}:${name}`);
    }
    const principal = await this.#principal(request, wire);
    const call: ActionCall = {
      estate: this.#estate,
      account: principal.account,
      principal,
      input,
      region: signatureClaim(request)?.region ?? "us-east-1",
      now: this.#time.clock(),
      machine: this.#machineTime(),
    };
    const full = `${service}:${name}`;
    const record: AwsCallRecord = { action: full, principal: principal.arn, resource: "*" };
    this.calls.push(record);
    try {
      const resource = action.resource?.(call);
      Object.assign(record, { resource: resource?.arn ?? assumedRole(call) ?? "*" });
      const fault = this.faults.next(full);
      if (fault !== undefined) record.error = fault;
      if (fault === "drop" || fault === "hang") return { output: {}, fault };
      if (fault === "throttled") throw throttled();
      if (fault === "error500") throw serverError(service);
      if (fault === "denied") throw denied(principal, full, resource?.shown ?? record.resource, false);
      if (resource !== undefined) {
        for (const asked of [full, ...(action.also?.(input) ?? [])]) {
          const context = {
            ...principal.context,
            ...resource.context,
            "aws:CurrentTime": call.now.toISOString(),
            "aws:RequestedRegion": call.region,
          };
          const decision = decide(principal.policies, { action: asked, resource: resource.arn, context });
          if (decision !== "allowed") {
            throw denied(principal, asked, resource.shown ?? resource.arn, decision === "denied");
          }
        }
      }
      const first = this.listener?.(record, "before");
      if (first !== undefined) return { output: {}, fault: interrupted(first, service) };
      const output = action.act(call);
      const last = this.listener?.(record, "after");
      if (last !== undefined) return { output, fault: interrupted(last, service) };
      if (fault === "error500After") throw serverError(service);
      return { output, fault };
    } catch (error) {
      if (error instanceof AwsError) record.error = error.code;
      throw error;
    }
  }

  async #principal(request: SignedRequest, wire: WireRequest): Promise<Principal> {
    const { service, action } = wire;
    const claim = signatureClaim(request);
    if (claim === undefined) {
      const account = this.#estate.accounts.get(assumedRole(wire)?.split(":")[4] ?? "");
      if (action === "AssumeRoleWithWebIdentity" && account !== undefined) return anonymous(account);
      throw new AwsError("MissingAuthenticationToken", 403, "Request is missing Authentication Token");
    }
    const principal = await authenticated(this.#estate, request, claim, {
      now: this.#time.clock(),
      machine: this.#machineTime(),
    });
    if (claim.service !== service) {
      throw new AwsError(
        "SignatureDoesNotMatch",
        403,
        `Credential should be scoped to correct service: '${service}'. `,
      );
    }
    // Without MFA these credentials reach no action of IAM, and of STS only these two (guide of IAM, GetSessionToken).
    if (principal.kind === "user-session") {
      if (service === "iam") throw invalidToken();
      if (service === "sts" && !["AssumeRole", "GetCallerIdentity"].includes(action)) {
        throw new AwsError("AccessDenied", 403, `Cannot call ${action} with session credentials`);
      }
    }
    return principal;
  }

  /** With the date of the provider, by which the SDK corrects its own. */
  #answer(response: ServerResponse, { status, headers, body }: WireAnswer): void {
    response.writeHead(status, { ...headers, date: this.#machineTime().toUTCString() }).end(body);
  }

  #machineTime(): Date {
    return new Date(Date.now() + this.#time.skewSeconds * 1000);
  }
}

function interrupted(how: AwsInterruption, service: string): AwsFault {
  if (how === "error") throw serverError(service);
  return how === "lost" ? "drop" : "hang";
}

async function signedRequest(incoming: IncomingMessage): Promise<SignedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return {
    method: incoming.method ?? "",
    url: incoming.url ?? "/",
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  };
}

function unread({ code, status, message }: AwsError): WireAnswer {
  return { status, headers: { "content-type": "text/plain" }, body: `${code}: ${message}` };
}

/** The words of AWS: which statement of which kind of policy decided is part of them. */
function denied({ arn }: Principal, action: string, resource: string, explicitly: boolean): AwsError {
  const because = explicitly
    ? "with an explicit deny in an identity-based policy"
    : `because no identity-based policy allows the ${action} action`;
  return new AwsError(
    "AccessDenied",
    403,
    `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${because}`,
  );
}
