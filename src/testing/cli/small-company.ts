/** Documents of a small company, with something of every state on 2026-11-23. */
export const SMALL_COMPANY: Readonly<Record<string, string>> = {
  "registry/orders.yaml": `# Team orders
apiVersion: cre/v1
kind: Credential
metadata:
  name: orders-db   # the main database
  labels: { environment: production }
spec:
  type: database-password
  service: orders-api
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2026-01-15
  rotatedAt: 2026-11-01
  method: automated
  provider:
    postgresql: { connection: orders-cluster, database: orders, roles: [orders_a, orders_b], ownerRole: orders_owner }
  deliver:
    - webhook: { connection: orders-hook }
      consumer: orders-api
  access:
    - { principal: orders-api, kind: service, purpose: reads and writes orders }
---
apiVersion: cre/v1
kind: Credential
metadata: { name: orders-old-key }
spec:
  type: api-key
  service: orders-api
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2025-01-01
  method: manual
  access: []
`,
  "registry/payments.yaml": `apiVersion: cre/v1
kind: Credential
metadata:
  name: payments-key
  labels: { environment: production, scope: pci }
spec:
  type: api-key
  service: payments-api
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2025-06-01
  rotatedAt: 2026-09-01    # by carol
  method: manual
  access:
    - { principal: payments-api, kind: service, purpose: charges }
---
apiVersion: cre/v1
kind: Credential
metadata: { name: leaked-key }
spec:
  type: api-key
  service: payments-api
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2026-10-01
  method: manual
  access: []
  compromised: { at: 2026-11-20T03:12:00Z, reportedBy: alice, reason: printed in a build log }
---
apiVersion: cre/v1
kind: Credential
metadata: { name: gone-key }
spec:
  type: api-key
  service: payments-api
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2025-06-01
  method: manual
  access: []
  retiredAt: 2026-05-01
`,
  "policies/platform.yaml": `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  tagKey: { env: TAG_KEY }
  teams: { orders: {}, payments: {} }
---
apiVersion: cre/v1
kind: Policy
metadata: { name: api-keys }
spec:
  match: { types: [api-key] }
  rotateWithin: 90d
  exceptions: { allowed: true, maxDuration: 60d }
---
apiVersion: cre/v1
kind: Policy
metadata: { name: database-passwords }
spec:
  match: { types: [database-password] }
  rotateWithin: 60d
  enforcement: rotate
  exceptions: { allowed: false }
---
apiVersion: cre/v1
kind: Connection
metadata: { name: orders-cluster }
spec:
  postgresql: { host: db.internal, port: 5432, admin: { user: rotator, password: { env: PG_ADMIN } } }
  allow: { names: [orders-db], objects: ["orders_*"] }
---
apiVersion: cre/v1
kind: Connection
metadata: { name: orders-hook }
spec:
  webhook: { url: "https://orders.internal/credentials", key: { id: k1, secret: { env: HOOK_KEY } } }
  allow: { names: [orders-db] }
`,
};
