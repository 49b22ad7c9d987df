import type { Publisher } from "./publisher.ts";

/** Keeps the forge's issues as the findings are. */
export const publishIssues: Publisher = async () => [];
