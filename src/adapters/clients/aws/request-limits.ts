/**
 * How long a request may take, in milliseconds. Without `throwOnRequestTimeout` the SDK only warns and goes on waiting.
 * Certificates are verified whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED), as everywhere else.
 */
export const REQUEST_LIMITS = {
  connectionTimeout: 5_000,
  requestTimeout: 20_000,
  throwOnRequestTimeout: true,
  httpsAgent: { rejectUnauthorized: true },
} as const;
