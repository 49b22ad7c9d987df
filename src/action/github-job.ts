import * as core from "@actions/core";
import { logLine, workflowCommand } from "../core/text/encode/workflow-command.ts";
import type { Job } from "./job.ts";

/** The job of the runner that started this process, reached by its commands and files. */
export function githubJob(): Job {
  return {
    // A text of several lines cannot stand in one line of the log, and the runner would hide each of its short lines.
    mask: (text) => {
      if (!/[\r\n]/.test(text)) core.setSecret(text);
    },
    log: (text) => {
      for (const line of text.split(/\r\n|[\r\n]/)) core.info(logLine(line));
    },
    group: async (title, work) => {
      core.info(workflowCommand("group", {}, title));
      try {
        return await work();
      } finally {
        core.info(workflowCommand("endgroup", {}, ""));
      }
    },
    annotate: ({ level, title, message, file, line, column }) =>
      core.info(workflowCommand(level, { title, file, line, col: column }, message)),
    output: (name, value) => core.setOutput(name, value),
    summarize: async (markdown) => {
      await core.summary.addRaw(markdown, true).write();
    },
  };
}
