/**
 * How long a request may take, in milliseconds. Without `throwOnRequestTimeout` the SDK only warns and goes on waiting.
 */
export const REQUEST_LIMITS = {
  connectionTimeout: 5_000,
  requestTimeout: 20_000,
  throwOnRequestTimeout: true,
} as const;
