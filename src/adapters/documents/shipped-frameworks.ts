// Made from frameworks/*.yaml by `npm run generate`.
import type { SHIPPED_FRAMEWORKS } from "../../core/compliance/shipped-names.ts";

/** Text of the shipped frameworks, by name. */
export const FRAMEWORK_TEXTS: Readonly<Record<(typeof SHIPPED_FRAMEWORKS)[number], string>> = {
  soc2: `# yaml-language-server: $schema=../registry/schema/framework.schema.json
# Numbers of controls and our own short words for them; the text of a standard stands in the standard.
apiVersion: cre/v1
kind: Framework
metadata: { name: soc2 }
spec:
  title: "SOC 2 Trust Services Criteria"
  version: "2017, points of focus of 2022"
  caveat: "The criteria name no interval. Measured is what the organisation's own policies say; points of focus are considerations, not requirements."
  controls:
    - { id: "CC2.1", title: "Decisions rest on relevant complete and accurate information", fit: supporting, checks: [K03, K04, K16], not: "that management used the report" }
    - { id: "CC3.2", title: "Risks are identified and analysed", fit: context, checks: [K06, K06R], not: "quality of the risk analysis" }
    - { id: "CC4.1", title: "Ongoing or separate evaluations show that controls exist and work", fit: supporting, checks: [K23, K01, K02], not: "evaluator independence or competence" }
    - { id: "CC4.2", title: "Deficiencies are reported in time and followed up", fit: supporting, checks: [K15, K07, K23], not: "communication to board or senior management" }
    - { id: "CC5.2", title: "General technology controls are chosen and developed", fit: supporting, checks: [K06, K19], not: "controls outside credential lifecycle" }
    - { id: "CC6.1", title: "Logical access measures protect assets incl. inventory identification and authentication machine credentials and key protection", fit: direct, checks: [K01, K02, K03, K05, K14, K25], not: "least privilege, segmentation, MFA, encryption at rest, key generation strength" }
    - { id: "CC6.2", title: "Credentials are issued on authorisation reviewed for validity and made unusable when no longer valid", fit: direct, checks: [K08, K10, K12, K18, K20, K21], not: "registration and authorisation of people outside our workflow" }
    - { id: "CC6.3", title: "Access is granted changed and removed by role with least privilege and separated duties", fit: supporting, checks: [K18, K20, K21], not: "what each credential is permitted to do" }
    - { id: "CC6.6", title: "Protection against threats from outside the boundary incl. credentials in transit", fit: context, checks: [K13, K12], not: "boundary devices, MFA, transport configuration" }
    - { id: "CC6.7", title: "Information is protected when transmitted moved or removed", fit: supporting, checks: [K12, K13, K14], not: "TLS configuration, cipher choice, DLP" }
    - { id: "CC7.1", title: "Configuration drift and new weaknesses are detected incl. unknown components", fit: supporting, checks: [K03, K04, K23], not: "vulnerability scanning and hardening baselines" }
    - { id: "CC7.2", title: "Components are monitored for anomalies", fit: supporting, checks: [K23, K16], not: "detection of credential misuse (needs SIEM)" }
    - { id: "CC7.3", title: "Security events are evaluated for being incidents", fit: context, checks: [K07], not: "event triage itself" }
    - { id: "CC7.4", title: "Incidents are contained and resolved by a defined programme", fit: supporting, checks: [K07, K08], not: "communication, lessons learned, overall response" }
    - { id: "CC7.5", title: "Recovery from incidents and prevention of recurrence", fit: context, checks: [K07, K09], not: "root cause quality, recovery tests" }
    - { id: "CC8.1", title: "Changes are authorised documented tested approved and deployed", fit: direct, checks: [K18, K19, K09], not: "application changes outside the repository" }
`,
  iso27001: `# yaml-language-server: $schema=../registry/schema/framework.schema.json
# Numbers of controls and our own short words for them; the text of a standard stands in the standard.
apiVersion: cre/v1
kind: Framework
metadata: { name: iso27001 }
spec:
  title: "ISO/IEC 27001 Annex A"
  version: "2022"
  caveat: "Certification is of the management system, and the Statement of Applicability says which controls apply. No interval is named."
  controls:
    - { id: "A.5.3", title: "Conflicting duties are separated", fit: supporting, checks: [K18], not: "duties outside credential changes" }
    - { id: "A.5.9", title: "Assets have an inventory with owners", fit: direct, checks: [K03, K04, K05], not: "assets other than credentials" }
    - { id: "A.5.15", title: "Access rules are set and applied", fit: supporting, checks: [K06, K10], not: "authorisation content" }
    - { id: "A.5.16", title: "Identities incl. non-human are managed through their life", fit: supporting, checks: [K05, K11, K20], not: "human identity proofing" }
    - { id: "A.5.17", title: "Allocation and handling of authentication information is controlled", fit: direct, checks: [K01, K02, K08, K22, K25, K07], not: "user awareness, delivery confidentiality, strength" }
    - { id: "A.5.18", title: "Access rights are given reviewed changed and removed", fit: supporting, checks: [K20, K21, K08], not: "entitlement reviews" }
    - { id: "A.5.23", title: "Cloud services are used and left securely", fit: context, checks: [K03, K10], not: "supplier terms" }
    - { id: "A.5.26", title: "Incidents are answered by procedure", fit: supporting, checks: [K07], not: "whole response process" }
    - { id: "A.5.28", title: "Evidence of events is identified collected and preserved", fit: supporting, checks: [K16, K17, K24], not: "legal admissibility" }
    - { id: "A.5.33", title: "Records are protected from loss and falsification", fit: supporting, checks: [K16, K24, K19], not: "backup and retention law outside the repo" }
    - { id: "A.5.36", title: "Adherence to own policies is reviewed", fit: direct, checks: [K01, K02, K06, K15, K23], not: "policies about other subjects" }
    - { id: "A.8.2", title: "Privileged rights are limited and managed", fit: supporting, checks: [K01, K20, K11], not: "who holds which privilege (needs IAM data)" }
    - { id: "A.8.3", title: "Access to information is restricted as ruled", fit: context, checks: [K10], not: "enforcement in systems" }
    - { id: "A.8.5", title: "Authentication is secure", fit: supporting, checks: [K01, K12], not: "MFA and login procedures" }
    - { id: "A.8.9", title: "Configurations are set recorded monitored reviewed", fit: supporting, checks: [K19, K23], not: "system configuration outside rotation policy" }
    - { id: "A.8.15", title: "Logs are produced kept protected analysed", fit: supporting, checks: [K16, K17, K24], not: "logs of the systems using the credentials" }
    - { id: "A.8.16", title: "Anomalous behaviour is monitored", fit: context, checks: [K23], not: "credential misuse detection" }
    - { id: "A.8.24", title: "Cryptography rules incl. key management are defined and used", fit: direct, checks: [K01, K06, K08, K13, K07], not: "algorithm choice, key generation and storage (HSM)" }
    - { id: "A.8.32", title: "Changes follow change management", fit: supporting, checks: [K18, K19, K09], not: "changes outside the repo" }
`,
  "pci-dss": `# yaml-language-server: $schema=../registry/schema/framework.schema.json
# Numbers of controls and our own short words for them; the text of a standard stands in the standard.
apiVersion: cre/v1
kind: Framework
metadata: { name: pci-dss }
spec:
  title: "PCI DSS"
  version: "4.0.1"
  caveat: "Only credentials with the label \`scope: pci\` count. 3.7 is about keys that protect stored account data, 4.2.1 about card numbers in transit, 8.6.3 about passwords of application and system accounts; whether an API key is one, the assessor decides."
  scope: { match: { labels: { scope: pci } } }
  controls:
    - { id: "2.2.2", title: "Vendor default accounts are changed or disabled", fit: supporting, checks: [K22], not: "that all defaults were found" }
    - { id: "2.3.2", title: "Wireless keys change when a knower leaves or compromise is suspected", fit: supporting, checks: [K21, K07], not: "wireless gear without a connector" }
    - { id: "3.6.1.1", title: "Service providers keep a description of crypto architecture incl. key strength and expiry", fit: context, checks: [K03, K05], not: "architecture document, HSM inventory" }
    - { id: "3.7.4", title: "Each key type has a cryptoperiod and is changed at its end", fit: direct, checks: [K06, K06R, K01, K02], not: "keys with no connector, adequacy of the period" }
    - { id: "3.7.5", title: "Keys are retired replaced or destroyed at end of period when weakened or on suspicion of compromise", fit: direct, checks: [K07, K08, K21], not: "physical destruction, residual copies" }
    - { id: "3.7.7", title: "Unauthorised key substitution is prevented", fit: context, checks: [K18, K16], not: "preventive control in the key store" }
    - { id: "4.2.1", title: "Only trusted valid unexpired unrevoked certificates protect PAN in transit", fit: supporting, checks: [K12, K13, K14], not: "protocol and cipher configuration, client trust decisions, revocation status unless OCSP/CRL checked" }
    - { id: "4.2.1.1", title: "Inventory of trusted keys and certificates for PAN in transit", fit: direct, checks: [K03, K04, K05, K12], not: "completeness beyond scanned sources" }
    - { id: "6.5.1", title: "Production changes have reason impact approval test and rollback", fit: supporting, checks: [K18, K19, K09], not: "application changes" }
    - { id: "7.2.5", title: "Application and system accounts are least-privilege and limited", fit: context, checks: [K05, K11], not: "actual privileges" }
    - { id: "7.2.5.1", title: "Application and system account access is reviewed at TRA frequency and acknowledged by management", fit: supporting, checks: [K20, K06, K06R, K10], not: "correctness of the review" }
    - { id: "8.2.2", title: "Shared or generic credentials only by approved exception and attributable", fit: supporting, checks: [K15, K05], not: "who actually used it" }
    - { id: "8.2.4", title: "Adding changing deleting authentication factors is authorised", fit: direct, checks: [K18, K17], not: "changes made outside the tool (see unmanaged list)" }
    - { id: "8.2.5", title: "Leavers' access is revoked immediately", fit: supporting, checks: [K21], not: "accounts not linked to a person" }
    - { id: "8.2.6", title: "Inactive user accounts are disabled within 90 days", fit: supporting, checks: [K10], not: "applies to USER accounts; service keys are an extension by us" }
    - { id: "8.3.2", title: "Authentication factors are unreadable in storage and transit", fit: context, checks: [K25], not: "encryption in the actual stores" }
    - { id: "8.3.5", title: "User passwords are unique at first use or reset and changed after first use", fit: context, checks: [K22], not: "forced change in the IdP" }
    - { id: "8.3.9", title: "Single-factor user passwords change every 90 days or access is decided by dynamic risk", fit: context, checks: [K01, K02], not: "service credentials; the dynamic analysis alternative", appliesWhen: "it is the password of a person, and the only factor" }
    - { id: "8.6.1", title: "Interactive use of system accounts is exceptional approved and attributable", fit: context, checks: [K15], not: "login records" }
    - { id: "8.6.2", title: "No hard-coded passwords for interactive-capable system accounts", fit: context, checks: [K25], not: "scan of product source (attach scanner report)" }
    - { id: "8.6.3", title: "Application and system account passwords change at TRA frequency and on suspicion of compromise with matching complexity", fit: direct, checks: [K06, K06R, K01, K02, K07, K08], not: "complexity; the TRA's soundness; API-key-as-password interpretation" }
    - { id: "10.2.1.5", title: "Logs capture changes to identification and authentication credentials", fit: direct, checks: [K17, K16], not: "changes outside the tool; system logs remain primary" }
    - { id: "10.2.2", title: "Each log entry holds user type time result origin and object", fit: direct, checks: [K17], not: "other systems' logs" }
    - { id: "10.3.2", title: "Log files cannot be changed by individuals", fit: supporting, checks: [K16, K19], not: "prevention: chain detects, branch protection prevents" }
    - { id: "10.3.4", title: "Change detection alerts on altered log data", fit: supporting, checks: [K16, K23], not: "alert handling" }
    - { id: "10.5.1", title: "Twelve months of audit history with three at hand", fit: supporting, checks: [K24], not: "other logs" }
    - { id: "12.3.1", title: "Every entity-defined frequency has a documented risk analysis reviewed yearly", fit: supporting, checks: [K06, K06R], not: "content of the analysis" }
    - { id: "12.3.3", title: "Cipher suites and protocols are inventoried and reviewed yearly", fit: context, checks: [K05, K14], not: "protocols in use; only key and signature algorithms of inventoried certs" }
    - { id: "12.10.1", title: "An incident response plan is ready", fit: context, checks: [K07], not: "the plan" }
`,
  "nist-800-53": `# yaml-language-server: $schema=../registry/schema/framework.schema.json
# Numbers of controls and our own short words for them; the text of a standard stands in the standard.
apiVersion: cre/v1
kind: Framework
metadata: { name: nist-800-53 }
spec:
  title: "NIST SP 800-53"
  version: "Rev 5"
  caveat: "Parameters that the organisation defines stand in its policies."
  controls:
    - { id: "AC-2", title: "Account management incl. approval review and removal", fit: supporting, checks: [K18, K20, K21], not: "accounts as such, group membership" }
    - { id: "AC-2(3)", title: "Disable expired orphaned violating or inactive accounts in time", fit: supporting, checks: [K10, K12], not: "accounts without credentials here" }
    - { id: "AC-5", title: "Separation of duties", fit: supporting, checks: [K18], not: "system authorisations" }
    - { id: "AU-2", title: "Event types to log are chosen", fit: context, checks: [K17], not: "rationale" }
    - { id: "AU-3", title: "Audit record content", fit: direct, checks: [K17], not: "other systems" }
    - { id: "AU-9", title: "Audit information is protected and tampering alerted", fit: supporting, checks: [K16, K19], not: "access control on hosts" }
    - { id: "AU-9(3)", title: "Cryptographic integrity for audit information", fit: direct, checks: [K16], not: "signing key protection" }
    - { id: "AU-10", title: "Non-repudiation of defined actions", fit: supporting, checks: [K16, K18], not: "identity proofing of key holders" }
    - { id: "AU-11", title: "Audit record retention", fit: supporting, checks: [K24], not: "other logs" }
    - { id: "AU-12", title: "Audit record generation", fit: direct, checks: [K17, K23], not: "other systems" }
    - { id: "CA-7", title: "Continuous monitoring with metrics and frequencies", fit: direct, checks: [K23, K01, K03], not: "organisation-level strategy" }
    - { id: "CM-3", title: "Configuration change control", fit: supporting, checks: [K18, K19], not: "changes outside the repo" }
    - { id: "CM-8", title: "Component inventory", fit: context, checks: [K03, K05], not: "non-credential components" }
    - { id: "IA-5", title: "Authenticator management: initial issue, strength, lost or compromised handling, defaults, periodic or event change, protection", fit: direct, checks: [K01, K02, K06, K07, K08, K22], not: "identity verification at issue, strength of mechanism, user handling" }
    - { id: "IA-5(1)", title: "Password-based authentication", fit: context, checks: [K07, K25], not: "blocklist, hashing, transport" }
    - { id: "IA-5(2)", title: "Public-key authentication with path and status validation", fit: context, checks: [K12, K14], not: "private key access control, relying-party validation" }
    - { id: "IA-5(7)", title: "No unencrypted static authenticators embedded", fit: context, checks: [K25], not: "product source scan" }
    - { id: "IA-9", title: "Services identify and authenticate each other", fit: context, checks: [K05], not: "runtime authentication" }
    - { id: "IR-4", title: "Incident handling", fit: supporting, checks: [K07], not: "whole capability" }
    - { id: "SC-12", title: "Key establishment and management over the life cycle", fit: direct, checks: [K01, K06, K08], not: "generation and storage" }
    - { id: "SC-17", title: "PKI certificates come from approved sources", fit: supporting, checks: [K05, K14], not: "trust store content unless scanned" }
`,
  "cis-aws": `# yaml-language-server: $schema=../registry/schema/framework.schema.json
# Numbers of controls and our own short words for them; the text of a standard stands in the standard.
apiVersion: cre/v1
kind: Framework
metadata: { name: cis-aws }
spec:
  title: "CIS Amazon Web Services Foundations Benchmark"
  version: "7.0.0"
  caveat: "Only credentials with the provider \`aws-iam\` count. The days are those of the policies: the benchmark asks for 45 days unused and 90 days old."
  scope: { providers: [aws-iam] }
  controls:
    - { id: "2.11", title: "Credentials unused 45 days or more are disabled", fit: direct, checks: [K10], not: "other clouds" }
    - { id: "2.12", title: "Access keys are at most 90 days old", fit: direct, checks: [K01], not: "that the old key was deleted" }
`,
  hipaa: `# yaml-language-server: $schema=../registry/schema/framework.schema.json
# Numbers of controls and our own short words for them; the text of a standard stands in the standard.
apiVersion: cre/v1
kind: Framework
metadata: { name: hipaa }
spec:
  title: "HIPAA Security Rule (45 CFR 164)"
  version: "2013"
  caveat: "No interval is named, and some items are addressable. It is about systems with health information only: narrow it by a \`scope\` in a framework of your own."
  controls:
    - { id: "164.308(a)(3)(ii)(C)", title: "Access ends when the person leaves", fit: supporting, checks: [K21], not: "badge, account and session removal" }
    - { id: "164.308(a)(5)(ii)(D)", title: "Procedures to create change and safeguard passwords", fit: direct, checks: [K01, K02, K06], not: "training" }
    - { id: "164.312(b)", title: "Audit controls record and examine activity", fit: supporting, checks: [K16, K17], not: "ePHI system logs" }
    - { id: "164.312(d)", title: "Persons or entities are authenticated", fit: context, checks: [K05], not: "authentication itself" }
    - { id: "164.312(e)(1)", title: "Transmission security", fit: context, checks: [K12, K13], not: "TLS configuration" }
`,
  nis2: `# yaml-language-server: $schema=../registry/schema/framework.schema.json
# Numbers of controls and our own short words for them; the text of a standard stands in the standard.
apiVersion: cre/v1
kind: Framework
metadata: { name: nis2 }
spec:
  title: "NIS2 Implementing Regulation (EU) 2024/2690, annex"
  version: "2024-10-17"
  caveat: "Binds the providers that the regulation lists; others follow national law."
  controls:
    - { id: "9.2(c)(v)", title: "Rules on when and how keys change", fit: direct, checks: [K06, K01, K02], not: "that the periods are short enough" }
    - { id: "9.2(c)(vi)", title: "Dealing with compromised keys", fit: direct, checks: [K07], not: "detection" }
    - { id: "9.2(c)(vii)", title: "Revoking or deactivating keys", fit: direct, checks: [K08], not: "keys that people revoke" }
    - { id: "9.2(c)(xi)", title: "Key management is logged and audited", fit: direct, checks: [K16, K17], not: "HSM/KMS logs" }
    - { id: "9.2(c)(xii)", title: "Keys have activation and deactivation dates", fit: direct, checks: [K05, K12], not: "technical enforcement of dates" }
    - { id: "11.5.4", title: "Identities are reviewed and unneeded ones deactivated at once", fit: supporting, checks: [K10, K20], not: "human identities" }
    - { id: "11.6.2(c)", title: "Authentication credentials change initially at set intervals and on suspicion", fit: direct, checks: [K22, K01, K02, K07], not: "credentials of people" }
    - { id: "12.4.1", title: "Inventory is complete accurate current and its changes traceable", fit: direct, checks: [K03, K04, K16], not: "other assets" }
`,
  dora: `# yaml-language-server: $schema=../registry/schema/framework.schema.json
# Numbers of controls and our own short words for them; the text of a standard stands in the standard.
apiVersion: cre/v1
kind: Framework
metadata: { name: dora }
spec:
  title: "DORA (EU) 2022/2554 and RTS (EU) 2024/1774"
  version: "2024-06-25"
  caveat: "For financial entities. Paragraph numbers of the technical standards were read in secondary sources, except 7(4)."
  controls:
    - { id: "RTS Art 7(1)-(3)", title: "Key management through the whole life incl. replacement when lost compromised or damaged", fit: direct, checks: [K01, K06, K07, K08], not: "key protection controls" }
    - { id: "RTS Art 7(4)", title: "Up-to-date register of certificates and certificate stores at least for critical or important functions", fit: direct, checks: [K03, K04, K05], not: "certificate-storing devices unless inventoried" }
    - { id: "RTS Art 7(5)", title: "Certificates are renewed before they expire", fit: direct, checks: [K12, K13], not: "certificates that are not registered" }
    - { id: "RTS Art 20-21", title: "Unique identities life cycle and need-to-use access incl. generic accounts", fit: supporting, checks: [K05, K15, K20], not: "human access reviews" }
    - { id: "DORA Art 9(4)(d)", title: "Strong authentication and protection of cryptographic keys", fit: context, checks: [K01, K06], not: "authentication strength" }
`,
};
