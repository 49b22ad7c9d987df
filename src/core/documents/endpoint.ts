import { Type } from "typebox";
import type { Endpoint as EndpointParts } from "../certificates/endpoint.ts";
import { closed, oneOf } from "./common.ts";

/** From 1 to 65535. */
const PORT = "([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])";

const Parts = closed({
  host: Type.String({
    pattern: "^[^\\s/@\\[\\]]+$",
    maxLength: 253,
    description: "Name or address to connect to, such as mail.example.com.",
  }),
  port: Type.Integer({ minimum: 1, maximum: 65535, description: "TCP port." }),
  serverName: Type.Optional(
    Type.String({
      pattern: "^[^\\s/@:\\[\\]]+$",
      maxLength: 253,
      description:
        "Name asked for in the handshake (SNI) and looked for in the certificate; default: `host`.",
    }),
  ),
  starttls: Type.Optional(
    oneOf(
      ["smtp", "imap", "postgresql", "ldap"],
      "Protocol that is spoken in the clear until TLS starts; default: TLS from the start.",
    ),
  ),
});

/** `host:port`, or the parts where the name or a protocol before TLS has to be told. One schema says both. */
export const Endpoint = Type.Unsafe<string | EndpointParts>({
  ...Parts,
  type: ["string", "object"],
  pattern: `^[^\\s/@]+:${PORT}$`,
  description: "`host:port`, such as www.example.com:443, or its parts.",
});
