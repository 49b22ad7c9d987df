import type { OutputName } from "./contract.ts";

/** A remark that the runner shows at a file and line of the change, or at the run. */
export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** What a step can tell the job that it is part of. Every text may be somebody else's: the job encodes it. */
export interface Job {
  /** Keeps a text out of the log from now on. */
  mask(text: string): void;
  /** Lines of the log; none of them is taken for a command. */
  log(text: string): void;
  /** The lines that `work` logs, folded under a title. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>;
  annotate(annotation: Annotation): void;
  output(name: OutputName, value: string): void;
  /** Markdown for the page of the run; its texts are encoded already. */
  summarize(markdown: string): Promise<void>;
}
