/** A form by which a kind of secret is known. */
export interface SecretPattern {
  /** Completes "this looks like …". */
  readonly what: string;
  readonly pattern: RegExp;
  /** Public as the handle of a credential, so fine where a handle stands. */
  readonly isHandle?: true;
}

/** The forms, most telling first. All are linear: no nested repetition. */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  { what: "a PEM private key", pattern: /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----/g },
  { what: "a PuTTY private key", pattern: /PuTTY-User-Key-File-\d/g },
  { what: "an age secret key", pattern: /AGE-SECRET-KEY-1[0-9A-Z]{20,}/g },
  { what: "an AWS access key id", pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, isHandle: true },
  { what: "a GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,})/g },
  { what: "a GitLab token", pattern: /\bgl(?:pat|ptt|dt|rt|cbt|soat)-[\w-]{16,}/g },
  { what: "a Slack token", pattern: /\b(?:xox[abceoprs]|xapp)-[\w-]{11,}/g },
  {
    what: "a Slack webhook address",
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/-]{10,}/g,
  },
  { what: "a Discord webhook address", pattern: /discord(?:app)?\.com\/api\/webhooks\/\d+\/[\w-]{10,}/g },
  {
    what: "a signed Azure address",
    pattern: /(?:webhook\.office\.com\/webhookb2\/|[?&]sig=)[\w%@/+=-]{16,}/g,
  },
  {
    what: "a Stripe key",
    pattern: /\b(?:(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,})/g,
  },
  { what: "a Google key", pattern: /\b(?:AIza[\w-]{30,}|GOCSPX-[\w-]{16,}|ya29\.[\w-]{20,})/g },
  { what: "an npm or PyPI token", pattern: /\b(?:npm_[A-Za-z0-9]{30,}|pypi-[\w-]{30,})/g },
  { what: "a SendGrid key", pattern: /\bSG\.[\w-]{16,}\.[\w-]{16,}/g },
  { what: "a Twilio key", pattern: /\bSK[0-9a-f]{32}\b/g },
  {
    what: "a model provider's key",
    pattern: /\b(?:sk-(?:ant-|proj-|live-)?[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{20,})/g,
  },
  { what: "a Vault token", pattern: /\bhv[sbr]\.[\w-]{20,}/g },
  { what: "a DigitalOcean token", pattern: /\bdo[opr]_v1_[0-9a-f]{32,}/g },
  { what: "an Azure storage key", pattern: /AccountKey=[A-Za-z0-9+/=]{20,}/gi },
  { what: "a JSON web token", pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g },
  { what: "a SCRAM verifier", pattern: /SCRAM-SHA-(?:1|256|512)\$\d+:/g },
  { what: "a PostgreSQL MD5 password", pattern: /\bmd5[0-9a-f]{32}\b/g },
  {
    what: "a password hash",
    pattern: /\$(?:2[abxy]?\$\d\d\$[./A-Za-z0-9]{20,}|argon2(?:id|i|d)\$|[156y]\$[./A-Za-z0-9]{2,})/g,
  },
  {
    what: "an address with a password",
    pattern: /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@{}<>$*"']{0,256}:[^\s/@{}<>$*"']{1,256}@/gi,
  },
  {
    what: "a written-out password",
    pattern:
      /(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key)["']?[ \t]*[:=][ \t]*["']?(?=[^\s"'{}<>$[\],]{0,63}[\d!%^&*?~])[^\s"'{}<>$[\],]{8,}/gi,
  },
];
