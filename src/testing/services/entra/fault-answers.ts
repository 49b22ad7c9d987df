import { authorityError, type EntraAnswer, graphError } from "./entra-answer.ts";
import type { EntraCall, EntraFault } from "./faults.ts";
import { forbidden } from "./graph-calls.ts";

/** What is answered in place of the request, with what was sent where the fault quotes. */
export function faultAnswer(call: EntraCall, fault: EntraFault, sent = ""): EntraAnswer {
  const says = call === "token" ? tokenFault : graphFault;
  return says(fault, sent);
}

function graphFault(fault: EntraFault, sent: string): EntraAnswer {
  switch (fault) {
    case "denied":
      return forbidden();
    case "throttled":
      return graphError(429, "TooManyRequests", "Too many requests.", { "retry-after": "3" });
    case "throttledLong":
      return graphError(429, "TooManyRequests", "Too many requests.", { "retry-after": "300" });
    case "conflict":
      return graphError(
        409,
        "Directory_ConcurrencyViolation",
        "Error due to concurrent requests being made to the tenant. Please wait briefly and retry.",
      );
    case "unauthorized":
      return graphError(401, "InvalidAuthenticationToken", "Access token validation failure.");
    case "quoting":
      return graphError(400, "Request_BadRequest", `Cannot read: ${sent}`);
    case "redirect":
      return { status: 307, headers: { location: "https://elsewhere.example/" } };
    case "page":
      return { status: 502, body: `<html>${sent}</html>` };
    case "garbage":
      return { status: 200, body: { value: "of another kind" } };
    default:
      return graphError(503, "ServiceUnavailable", "The service is unavailable.", { "retry-after": "1" });
  }
}

function tokenFault(fault: EntraFault, sent: string): EntraAnswer {
  switch (fault) {
    case "denied":
      return authorityError(
        400,
        "access_denied",
        53_003,
        "Access has been blocked by Conditional Access policies.",
      );
    case "throttled":
    case "throttledLong":
      return { status: 429, headers: { "retry-after": "3" }, body: { error: "temporarily_unavailable" } };
    case "unauthorized":
      return authorityError(401, "invalid_client", 7_000_215, "Invalid client secret provided.");
    case "quoting":
      return authorityError(400, "invalid_request", 900_144, `Cannot read: ${sent}`);
    case "redirect":
      return { status: 307, headers: { location: "https://elsewhere.example/" } };
    case "garbage":
      return { status: 200, body: { access_token: 1 } };
    case "page":
      return { status: 502, body: `<html>${sent}</html>` };
    default:
      return authorityError(503, "temporarily_unavailable", 90_033, "A transient error has occurred.");
  }
}
