/** The credentials of the story, by what they are. */
export const DATABASE = "orders-db";
export const KEY = "orders-key";
export const CERTIFICATE = "shop-tls";
export const SSH = "deploy-ssh";
export const OAUTH = "shop-login";
export const VENDOR = "vendor-key";

/** Those that the product rotates, in the order in which the story tells of them. */
export const AUTOMATED: readonly string[] = [DATABASE, KEY, CERTIFICATE, SSH, OAUTH];

/** The objects at the providers. */
export const ROLES = ["orders_a", "orders_b"] as const;
export const OWNER_ROLE = "orders_owner";
export const ADMIN_ROLE = "rotator";
export const DATABASE_NAME = "orders";
export const IAM_USER = "orders-api";
/** Somebody made it long ago, and nobody registered it. */
export const LEGACY_USER = "legacy-reports";
export const REALM = "shop";
export const CLIENT = "shop-web";
export const DOMAIN = "shop.example.test";

/** Where GitHub's stand-in has the repository. */
export const REPOSITORY = "acme/credentials";
