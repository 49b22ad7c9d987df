import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AddressScan, Endpoint } from "../../../core/certificates/endpoint.ts";
import { judgeChain } from "../../../core/certificates/judge.ts";
import { type Forged, forge, type Wish } from "../../../testing/services/tls/certificate-forge.ts";
import {
  type IssuerService,
  revocationList,
  stapledAnswer,
  startIssuerService,
} from "../../../testing/services/tls/issuer-service.ts";
import { dialogue, type TlsServers, tlsServers } from "../../../testing/services/tls/tls-servers.ts";
import { systemClock } from "../../runtime/clock.ts";
import { type CertificateScanner, certificateScanner } from "./scan.ts";

interface Estate {
  readonly servers: TlsServers;
  readonly issuer: IssuerService;
  readonly scanner: CertificateScanner;
  readonly root: Forged;
  readonly intermediate: Forged;
  /** Issued by the intermediate for localhost. */
  readonly leaf: (wish?: Partial<Wish>) => Forged;
}

const estate = {} as { -readonly [Key in keyof Estate]: Estate[Key] };
const { signal } = new AbortController();

beforeAll(async () => {
  estate.servers = tlsServers();
  estate.issuer = await startIssuerService();
  estate.root = forge({ cn: "Root", ca: true });
  estate.intermediate = forge({ cn: "Intermediate", ca: true, by: estate.root });
  estate.leaf = (wish = {}) => forge({ cn: "leaf", names: ["localhost"], by: estate.intermediate, ...wish });
  estate.scanner = certificateScanner({
    mayScan: () => true,
    roots: estate.root.pem,
    issuers: { clock: systemClock },
    lookup: async () => ["127.0.0.1"],
  });
});

afterAll(async () => {
  await estate.servers.close();
  await estate.issuer.close();
});

async function scan(
  port: number,
  more: Partial<Endpoint> = {},
  { scan: look }: Pick<CertificateScanner, "scan"> = estate.scanner,
): Promise<AddressScan> {
  const [first] = await look({ host: "localhost", port, ...more }, signal);
  if (first === undefined) throw new Error("no address was scanned");
  return first;
}

/** What is wrong, shortly: `code about`. */
function verdict(scanned: AddressScan, name = "localhost"): readonly string[] {
  if ("failure" in scanned) return [`${scanned.failure.code}: ${scanned.failure.message}`];
  return judgeChain(scanned, name).map(({ code, about }) => `${code} ${about}`);
}

describe("what a server shows is judged as it is", () => {
  type Make = () => readonly Forged[];
  const cases: Readonly<Record<string, readonly [chain: Make, expected: readonly string[]]>> = {
    "a whole chain": [() => [estate.leaf(), estate.intermediate], []],
    "a whole chain with its root": [() => [estate.leaf(), estate.intermediate, estate.root], []],
    "no intermediate": [() => [estate.leaf()], ["incomplete CN=Intermediate"]],
    "no intermediate, but the leaf says where it is": [
      () => [estate.leaf({ caIssuers: `${estate.issuer.url}/intermediate` })],
      ["incomplete CN=Intermediate"],
    ],
    "the wrong order": [
      () => {
        const lower = forge({ cn: "Lower", ca: true, by: estate.intermediate });
        return [estate.leaf({ by: lower }), estate.intermediate, lower];
      },
      ["misordered 1, 3, 2"],
    ],
    "something that belongs to another chain": [
      () => [estate.leaf(), forge({ cn: "Stranger", ca: true }), estate.intermediate],
      ["extra CN=Stranger"],
    ],
    "the same intermediate twice": [
      () => [estate.leaf(), estate.intermediate, estate.intermediate],
      ["extra CN=Intermediate"],
    ],
    "another name": [
      () => [estate.leaf({ names: ["www.example.com", "10.0.0.1"] }), estate.intermediate],
      ["name-mismatch www.example.com, 10.0.0.1"],
    ],
    "no name but the common one": [
      () => [forge({ cn: "localhost", by: estate.intermediate }), estate.intermediate],
      ["name-mismatch no name at all"],
    ],
    itself: [() => [forge({ cn: "self", names: ["localhost"] })], ["self-signed CN=self"]],
    "a root that nobody knows": [
      () => {
        const stranger = forge({ cn: "Stranger", ca: true });
        return [estate.leaf({ by: stranger }), stranger];
      },
      ["untrusted CN=Stranger"],
    ],
    "a leaf as if it could sign": [
      () => {
        const leaf = estate.leaf();
        return [forge({ cn: "forged", names: ["localhost"], by: leaf }), leaf, estate.intermediate];
      },
      ["incomplete CN=leaf", "extra CN=leaf", "extra CN=Intermediate"],
    ],
    "an RSA key of 1024 bits": [
      () => [estate.leaf({ key: "rsa-1024" }), estate.intermediate],
      ["weak-key CN=leaf"],
    ],
    "a signature with SHA-1": [
      () => [estate.leaf({ hash: "sha1" }), estate.intermediate],
      ["weak-signature CN=leaf"],
    ],
    "a signature with MD5": [
      () => {
        const old = forge({ cn: "Old", ca: true, by: estate.root, key: "rsa-2048" });
        return [estate.leaf({ by: old, hash: "md5" }), old];
      },
      ["weak-signature CN=leaf"],
    ],
    "a negative serial": [
      () => [estate.leaf({ serial: Buffer.from([0xff, 0x01]) }), estate.intermediate],
      [],
    ],
    "an end beyond 2050": [
      () => [estate.leaf({ notAfter: "9999-12-31T23:59:59Z" }), estate.intermediate],
      [],
    ],
    "a hundred certificates": [
      () => [estate.leaf(), estate.intermediate, ...Array.from({ length: 98 }, () => estate.root)],
      ["extra CN=Root"],
    ],
    "more certificates than a handshake holds": [
      () => [estate.leaf({ padding: 120_000 }), estate.intermediate],
      ["chain-too-large: it sends more than 100 KiB of certificates"],
    ],
    "an Ed25519 key": [() => [estate.leaf({ key: "ed25519" }), estate.intermediate], []],
  };

  test.for(Object.entries(cases))("%s", async ([, [make, expected]]) => {
    estate.issuer.files.set("/intermediate", estate.intermediate.der);
    expect(verdict(await scan(await estate.servers.serve(make())))).toEqual(expected);
  });

  test("dates are told, and no trust depends on them", async () => {
    const expired = forge({ cn: "Expired", ca: true, by: estate.root, from: -10, to: -1 });
    const scanned = await scan(await estate.servers.serve([estate.leaf({ by: expired }), expired]));
    expect(verdict(scanned)).toEqual([]);
    const [leaf, above] = "chain" in scanned ? scanned.chain : [];
    expect((above?.notAfter ?? "") < (leaf?.notBefore ?? "")).toBe(false);
    expect((above?.notAfter ?? "9") < (leaf?.notAfter ?? "")).toBe(true);
  });

  test("the facts of a strange certificate are as it has them", async () => {
    const strange = { serial: Buffer.from([0xff, 0x01]), notAfter: "2051-02-03T04:05:06Z" };
    const scanned = await scan(await estate.servers.serve([estate.leaf(strange), estate.intermediate]));
    const [leaf] = "chain" in scanned ? scanned.chain : [];
    expect(leaf).toMatchObject({
      serial: "ff01",
      notAfter: "2051-02-03T04:05:06Z",
      names: ["localhost"],
      keyType: "ec",
      keyBits: 256,
      signature: "ECDSA with SHA-256",
      isAuthority: false,
    });
  });
});

describe("which server answers", () => {
  test("a certificate is asked for by the name of the endpoint, and the given one goes before it", async () => {
    const other = estate.leaf({ names: ["other.example.com"] });
    const chain = [other, estate.intermediate];
    const port = await estate.servers.serve([estate.leaf(), estate.intermediate], {
      byName: { "other.example.com": chain },
    });
    expect(verdict(await scan(port))).toEqual([]);
    expect(verdict(await scan(port, { serverName: "other.example.com" }), "other.example.com")).toEqual([]);
    expect(verdict(await scan(port, { host: "other.example.com" }), "other.example.com")).toEqual([]);
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "a server that wants a certificate of its clients shows its own all the same (%s)",
    async (mutual) => {
      const port = await estate.servers.serve([estate.leaf(), estate.intermediate], { mutual });
      expect(verdict(await scan(port))).toEqual([]);
    },
  );

  test("every address of a name is scanned", async () => {
    const [one, two] = [estate.leaf(), estate.leaf()];
    const port = await estate.servers.serve([one, estate.intermediate]);
    await estate.servers.serve([two, estate.intermediate], { host: "127.0.0.2", port });
    const scanner = certificateScanner({
      mayScan: () => true,
      lookup: async () => ["127.0.0.1", "127.0.0.2", "127.0.0.3"],
    });
    const found = await scanner.scan({ host: "localhost", port }, signal);
    const shown = found.map((scanned) =>
      "chain" in scanned ? scanned.chain[0]?.fingerprint : scanned.failure.code,
    );
    expect(new Set(shown).size).toBe(3);
    expect(shown[2]).toBe("refused");
  });
});

describe("what shows no certificate is told precisely", () => {
  const answers: Readonly<Record<string, readonly [string, string]>> = {
    "a web server in the clear": [
      "HTTP/1.1 400 Bad Request\r\n\r\n",
      "not-tls: what answers there does not speak TLS",
    ],
    "a mail server in the clear": [
      "220 mail.example.com ESMTP\r\n",
      "not-tls: what answers there does not speak TLS",
    ],
    "bytes that mean nothing": ["garbage".repeat(9), "not-tls: what answers there does not speak TLS"],
    "garbage in the form of a handshake": [
      "\u0016\u0003\u0003\u0000\u0005garbage".repeat(9),
      "handshake-failed: the handshake fails: unexpected message",
    ],
  };
  test.for(Object.entries(answers))("%s", async ([, [text, expected]]) => {
    const port = await estate.servers.raw((socket) => {
      socket.on("error", () => undefined).once("data", () => socket.end(text));
    });
    expect(verdict(await scan(port))).toEqual([expected]);
  });

  test("a slow handshake is waited for, up to its limit", async () => {
    const slowly = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));
    const port = await estate.servers.serve([estate.leaf(), estate.intermediate], { before: slowly });
    expect(verdict(await scan(port))).toEqual([]);
  });

  test("a server that never answers the handshake", async () => {
    const port = await estate.servers.raw((socket) => socket.on("error", () => undefined));
    const hasty = certificateScanner({
      mayScan: () => true,
      lookup: async () => ["127.0.0.1"],
      limits: { connect: 5_000, handshake: 300 },
    });
    expect(verdict(await scan(port, {}, hasty))).toEqual(["handshake-timed-out: no handshake within 0.3 s"]);
  });

  test("a server that hangs up", async () => {
    const port = await estate.servers.raw((socket) => socket.destroy());
    expect(verdict(await scan(port))).toEqual([
      "closed: the connection is closed before the handshake is done",
    ]);
  });

  test("a port where nothing listens", async () => {
    const port = await estate.servers.serve([estate.leaf()]);
    const scanner = certificateScanner({ mayScan: () => true, lookup: async () => ["127.0.0.9"] });
    const [scanned] = await scanner.scan({ host: "localhost", port }, signal);
    expect(scanned).toMatchObject({ failure: { code: "refused" } });
  });

  test("a name that does not resolve", async () => {
    const scanner = certificateScanner({
      mayScan: () => true,
      lookup: async () => Promise.reject(new Error("ENOTFOUND")),
    });
    expect(await scanner.scan({ host: "nowhere.invalid", port: 443 }, signal)).toEqual([
      { address: "", failure: { code: "unresolved", message: "its name does not resolve" } },
    ]);
  });

  test("an address that is not public is not connected to", async () => {
    let connected = 0;
    const port = await estate.servers.raw(() => {
      connected += 1;
    });
    const scanner = certificateScanner({ mayScan: () => false, lookup: async () => ["127.0.0.1"] });
    const [scanned] = await scanner.scan({ host: "localhost", port }, signal);
    expect(scanned).toMatchObject({ address: "127.0.0.1", failure: { code: "not-allowed" } });
    expect(connected).toBe(0);
  });

  test("a scan that is aborted while its name is looked up ends at once", { timeout: 3_000 }, async () => {
    const scanner = certificateScanner({
      mayScan: () => true,
      lookup: async () => new Promise(() => undefined),
    });
    const controller = new AbortController();
    const scanning = scanner.scan({ host: "slow.example.com", port: 443 }, controller.signal);
    controller.abort(new Error("interrupted"));
    await expect(scanning).rejects.toThrow("interrupted");
  });

  test("an aborted scan ends at once", async () => {
    const port = await estate.servers.raw((socket) => socket.on("error", () => undefined));
    const controller = new AbortController();
    const scanning = estate.scanner.scan({ host: "localhost", port }, controller.signal);
    controller.abort(new Error("interrupted"));
    await expect(scanning).rejects.toThrow("interrupted");
  });
});

describe("TLS that starts later", () => {
  const LDAP_YES = Buffer.from("300c02010178070a010004000400", "hex").toString("latin1");
  const LDAP_NO = Buffer.from("300c02010178070a010204000400", "hex").toString("latin1");
  const talks: Readonly<
    Record<
      string,
      readonly [NonNullable<Endpoint["starttls"]>, ReturnType<typeof dialogue>, readonly string[]]
    >
  > = {
    "a mail server": [
      "smtp",
      dialogue(
        { say: "220-mail\r\n220 ready\r\n", await: /^EHLO / },
        { say: "250-mail\r\n250-SIZE 1\r\n250 STARTTLS\r\n", await: /^STARTTLS\r\n$/ },
        { say: "220 go on\r\n" },
      ),
      [],
    ],
    "a mail server without": [
      "smtp",
      dialogue({ say: "220 ready\r\n", await: /^EHLO / }, { say: "250 SIZE 1\r\n", await: /never/ }),
      ["starttls-refused: smtp: it offers no STARTTLS"],
    ],
    "a mailbox": [
      "imap",
      dialogue(
        { say: "* OK hello\r\n", await: /^a1 STARTTLS\r\n$/ },
        { say: "* CAPABILITY IMAP4rev1\r\na1 OK go on\r\n" },
      ),
      [],
    ],
    "a mailbox without": [
      "imap",
      dialogue({ say: "* OK hello\r\n", await: /^a1/ }, { say: "a1 BAD what\r\n", await: /never/ }),
      ["starttls-refused: imap: it offers no STARTTLS"],
    ],
    "a directory": ["ldap", dialogue({ await: /1\.3\.6\.1\.4\.1\.1466\.20037/ }, { say: LDAP_YES }), []],
    "a directory without": [
      "ldap",
      dialogue({ await: /1\.3\.6/ }, { say: LDAP_NO, await: /never/ }),
      ["starttls-refused: ldap: it offers no StartTLS"],
    ],
    "a database": ["postgresql", dialogue({ await: "\0\0\0\u0008" }, { say: "S" }), []],
    "a database without": [
      "postgresql",
      dialogue({ await: "\0\0\0\u0008" }, { say: "N", await: /never/ }),
      ["starttls-refused: postgresql: its TLS is switched off"],
    ],
    "something that talks on in the clear": [
      "postgresql",
      dialogue({ await: "\0\0\0\u0008" }, { say: "SELECT", await: /never/ }),
      ["starttls-refused: postgresql: it goes on in the clear after it agreed"],
    ],
    "something that never stops": [
      "smtp",
      dialogue({ say: "2".repeat(40_000), await: /never/ }),
      ["starttls-refused: it says too much before TLS starts"],
    ],
    "something that greets without end": [
      "smtp",
      dialogue({ say: "220-welcome\r\n".repeat(20_000), await: /never/ }),
      ["starttls-refused: it says too much before TLS starts"],
    ],
    "a mailbox that tells without end": [
      "imap",
      dialogue(
        { say: "* OK hello\r\n", await: /^a1 STARTTLS\r\n$/ },
        { say: "* NEWS\r\n".repeat(20_000), await: /never/ },
      ),
      ["starttls-refused: it says too much before TLS starts"],
    ],
  };
  test.for(Object.entries(talks))("%s", async ([, [starttls, before, expected]]) => {
    const port = await estate.servers.serve([estate.leaf(), estate.intermediate], { before });
    expect(verdict(await scan(port, { starttls }))).toEqual(expected);
  });
});

describe("what an issuer has revoked", () => {
  test("it is found by OCSP, signed by the issuer or by whom it appointed", async () => {
    const { issuer, intermediate } = estate;
    const responder = forge({ cn: "Responder", by: intermediate, signsOcsp: true });
    for (const [path, by] of [
      ["/own", { authority: intermediate }],
      ["/appointed", { authority: intermediate, responder }],
    ] as const) {
      issuer.answers.set(path, by);
      const leaf = estate.leaf({ ocsp: `${issuer.url}${path}` });
      issuer.revoked.set(leaf, 1);
      const scanned = await scan(await estate.servers.serve([leaf, intermediate]));
      expect(scanned).toMatchObject({
        revoked: [{ position: 0, at: "2026-01-01T00:00:00Z", reason: "keyCompromise", by: "OCSP" }],
      });
      expect(verdict(scanned)).toEqual(["revoked CN=leaf"]);
    }
  });

  test("an answer that nobody may give, and a good one, revoke nothing", async () => {
    const { issuer, intermediate: authority, root } = estate;
    const appointed = forge({ cn: "Responder", by: authority, signsOcsp: true });
    const stranger = forge({ cn: "Stranger" });
    issuer.answers.set("/of-another-authority", {
      authority,
      responder: forge({ cn: "Impostor", by: root, signsOcsp: true }),
    });
    issuer.answers.set("/not-appointed", { authority, responder: forge({ cn: "Neighbour", by: authority }) });
    issuer.answers.set("/with-another-key", { authority, responder: appointed, signer: stranger });
    issuer.answers.set("/of-nobody", { authority, signer: stranger });
    for (const path of [...issuer.answers.keys()].filter((one) => one.includes("-"))) {
      const leaf = estate.leaf({ ocsp: `${issuer.url}${path}` });
      issuer.revoked.set(leaf, 1);
      expect([path, verdict(await scan(await estate.servers.serve([leaf, authority])))]).toEqual([path, []]);
      expect(issuer.asked).toContain(path);
    }
    issuer.answers.set("/good", { authority });
    const good = estate.leaf({ ocsp: `${issuer.url}/good` });
    expect(verdict(await scan(await estate.servers.serve([good, authority])))).toEqual([]);
  });

  test("it is found by a list, which is asked for once", async () => {
    const { issuer, intermediate } = estate;
    const crl = `${issuer.url}/list`;
    const [kept, burnt] = [estate.leaf({ crl }), estate.leaf({ crl })];
    issuer.files.set("/list", revocationList(intermediate, new Map([[burnt, 4]])));
    const ports = [
      await estate.servers.serve([kept, intermediate]),
      await estate.servers.serve([burnt, intermediate]),
    ];
    const found = await Promise.all(ports.map(async (port) => verdict(await scan(port))));
    expect(found).toEqual([[], ["revoked CN=leaf"]]);
    expect(issuer.asked.filter((path) => path === "/list")).toHaveLength(1);
  });

  test("an intermediate that is revoked is told by its place", async () => {
    const { issuer, root } = estate;
    const burnt = forge({ cn: "Burnt", ca: true, by: root, crl: `${issuer.url}/roots` });
    issuer.files.set("/roots", revocationList(root, new Map([[burnt, 2]])));
    const scanned = await scan(await estate.servers.serve([estate.leaf({ by: burnt }), burnt]));
    expect(scanned).toMatchObject({ revoked: [{ position: 1, reason: "cACompromise", by: "CRL" }] });
  });

  test("a stapled answer is enough, and nobody is asked", async () => {
    const { issuer, intermediate } = estate;
    const leaf = estate.leaf({ ocsp: `${issuer.url}/stapled` });
    const stapled = stapledAnswer(leaf, intermediate, 1);
    const scanned = await scan(await estate.servers.serve([leaf, intermediate], { stapled }));
    expect(scanned).toMatchObject({ revoked: [{ position: 0, by: "OCSP" }] });
    expect(issuer.asked).not.toContain("/stapled");
  });

  test("an answer that is over proves nothing: the issuer is asked, and so is its list", async () => {
    const { issuer, intermediate: authority } = estate;
    const [past, future] = ["20260601000000Z", "99991231235959Z"];
    const [ocsp, crl] = [`${issuer.url}/old-answer`, `${issuer.url}/new-list`];
    issuer.answers.set("/old-answer", { authority, nextUpdate: past });
    const leaf = estate.leaf({ ocsp, crl });
    issuer.files.set("/new-list", revocationList(authority, new Map([[leaf, 1]]), future));
    const stapled = stapledAnswer(leaf, authority, undefined, past);
    const scanned = await scan(await estate.servers.serve([leaf, authority], { stapled }));
    expect(scanned).toMatchObject({ revoked: [{ position: 0, by: "CRL" }] });
    expect(issuer.asked).toContain("/old-answer");
  });

  test("whether everybody who was asked has answered is told", async () => {
    const { issuer, intermediate: authority, root } = estate;
    issuer.answers.set("/root-says", { authority: root });
    issuer.answers.set("/says", { authority });
    const above = forge({ cn: "Asked", ca: true, by: root, ocsp: `${issuer.url}/root-says` });
    issuer.answers.set("/asked-says", { authority: above });
    const answered = estate.leaf({ by: above, ocsp: `${issuer.url}/asked-says` });
    expect(await scan(await estate.servers.serve([answered, above]))).toMatchObject({ revoked: [] });
    const silent = estate.leaf({ by: above, ocsp: `${issuer.url}/nobody` });
    expect(await scan(await estate.servers.serve([silent, above]))).not.toHaveProperty("revoked");
  });

  test("what was revoked stays so, however old the answer is", async () => {
    const { intermediate: authority } = estate;
    const leaf = estate.leaf();
    const stapled = stapledAnswer(leaf, authority, 1, "20260601000000Z");
    expect(verdict(await scan(await estate.servers.serve([leaf, authority], { stapled })))).toEqual([
      "revoked CN=leaf",
    ]);
  });

  test("a certificate that names its issuer's sources in no form is judged by the rest", async () => {
    const odd = { "1.3.6.1.5.5.7.1.1": Buffer.from([0x30, 0x05]) };
    const leaf = estate.leaf({ extensions: odd });
    expect(verdict(await scan(await estate.servers.serve([leaf, estate.intermediate])))).toEqual([]);
  });

  test("an issuer that answers too much, something else, or not at all has revoked nothing", async () => {
    const { issuer, intermediate } = estate;
    issuer.files.set("/huge", Buffer.alloc(9 * 1024 * 1024));
    issuer.files.set("/garbage", Buffer.from("<html>"));
    for (const crl of [
      `${issuer.url}/huge`,
      `${issuer.url}/garbage`,
      "http://127.0.0.1:1/",
      "ldap://x",
      "::",
    ]) {
      const leaf = estate.leaf({ crl, ocsp: crl });
      expect(verdict(await scan(await estate.servers.serve([leaf, intermediate])))).toEqual([]);
    }
  });

  test("issuers at addresses that may not be scanned are not asked", async () => {
    const { issuer, intermediate, root } = estate;
    const leaf = estate.leaf({ crl: `${issuer.url}/secret`, caIssuers: `${issuer.url}/secret` });
    const port = await estate.servers.serve([leaf, intermediate]);
    const scanner = certificateScanner({
      mayScan: (_, asked) => asked === port,
      roots: root.pem,
      issuers: { clock: systemClock },
      lookup: async () => ["127.0.0.1"],
    });
    expect(await scanner.scan({ host: "localhost", port }, signal)).toMatchObject([
      { path: { end: "trusted" } },
    ]);
    expect(issuer.asked).not.toContain("/secret");
  });
});

describe("chains in files", () => {
  test("a PEM text is read in its order, whatever stands between", async () => {
    const leaf = estate.leaf();
    const text = `Subject: leaf\n${leaf.pem}\n${leaf.key}\n${estate.intermediate.pem.replaceAll("\n", "\r\n")}`;
    const read = await estate.scanner.readPem(text, signal);
    expect(read).toMatchObject({ path: { positions: [0, 1], end: "trusted" } });
    expect(JSON.stringify(read)).not.toContain("PRIVATE");
  });

  test.each([
    ["no certificate", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no-certificate"],
    ["garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "unreadable"],
  ])("%s is a failure", async (_, text, code) => {
    expect(await estate.scanner.readPem(text, signal)).toMatchObject({ failure: { code } });
  });

  test("a certificate of a megabyte is read", async () => {
    const read = await estate.scanner.readPem(estate.leaf({ padding: 1_000_000 }).pem, signal);
    expect(read).toMatchObject({ chain: [{ subject: "CN=leaf" }] });
  });

  test("a hundred certificates are read, more are not", async () => {
    const many = estate.root.pem.repeat(100);
    expect(await estate.scanner.readPem(many, signal)).toMatchObject({ path: { positions: [0] } });
    expect(await estate.scanner.readPem(many + many, signal)).toMatchObject({
      failure: { code: "chain-too-large" },
    });
  });
});

test("nothing is ever sent over a connection once its handshake is done", () => {
  expect(estate.servers.received).toEqual([]);
});
