import { type Forged, forge } from "../../services/tls/certificate-forge.ts";

/** A chain to serve, and what has to be said of it. */
export interface Exhibit {
  readonly chain: readonly Forged[];
  /** Codes, sorted. */
  readonly verdict: readonly string[];
}

/** So many exhibits, each with a leaf of its own: most are right, and every tenth shows a trouble of its own. */
export function exhibits(count: number): { readonly root: Forged; readonly all: readonly Exhibit[] } {
  const root = forge({ cn: "Bench root", ca: true });
  const intermediate = forge({ cn: "Bench intermediate", ca: true, by: root });
  const lower = forge({ cn: "Bench lower", ca: true, by: intermediate });
  const expired = forge({ cn: "Bench expired", ca: true, by: root, from: -30, to: -2 });
  const stranger = forge({ cn: "Stranger", ca: true });
  const leaf = (wish: Partial<Parameters<typeof forge>[0]> = {}): Forged =>
    forge({ cn: "leaf", names: ["localhost"], by: intermediate, ...wish });
  const troubles: readonly (() => Exhibit)[] = [
    () => ({ chain: [leaf({ by: expired }), expired], verdict: ["expired"] }),
    () => ({ chain: [leaf({ by: lower }), intermediate, lower], verdict: ["misordered"] }),
    () => ({ chain: [leaf()], verdict: ["incomplete"] }),
    () => ({ chain: [leaf(), intermediate, stranger], verdict: ["extra"] }),
    () => ({ chain: [leaf({ names: ["other.example.com"] }), intermediate], verdict: ["name-mismatch"] }),
    () => ({ chain: [leaf({ key: "rsa-1024" }), intermediate], verdict: ["weak-key"] }),
    () => ({ chain: [leaf({ hash: "sha1" }), intermediate], verdict: ["weak-signature"] }),
    () => ({ chain: [forge({ cn: "self", names: ["localhost"] })], verdict: ["self-signed"] }),
    () => ({ chain: [leaf({ by: stranger }), stranger], verdict: ["untrusted"] }),
    () => ({ chain: [leaf({ from: -20, to: -1 }), intermediate], verdict: ["expired"] }),
  ];
  const all = Array.from({ length: count }, (_, at) => {
    const trouble = at % 10 === 0 ? troubles[(at / 10) % troubles.length] : undefined;
    return trouble === undefined ? { chain: [leaf(), intermediate], verdict: [] } : trouble();
  });
  return { root, all };
}
