import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { composeUp } from "../../services/containers.ts";
import { openStoryClock, type StoryClock } from "../story-clock.ts";
import { composeVariables, givenPlaces, LIFECYCLE_CONTAINERS } from "./given-places.ts";
import { attachServices } from "./given-services.ts";
import type { LifecycleServices } from "./lifecycle-services.ts";
import { startLocalServices } from "./local-services.ts";

const COMPOSE_FILE = new URL("../../../../docker-compose.test.yml", import.meta.url);

/** The services of the story with its clock, and what becomes of both at its end. */
export interface Surroundings {
  readonly clock: StoryClock;
  readonly services: LifecycleServices;
  readonly close: () => Promise<void>;
}

export interface SurroundingsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The services of docker-compose.test.yml run, at the ports that it says. */
  readonly compose?: boolean;
}

/**
 * One story, three ways to get its services: those that the variables name (or the compose file, which somebody has
 * started); with `CRE_TEST_CONTAINERS=1` the same containers by testcontainers; else processes of this machine.
 */
export async function openServices({ env, compose = false }: SurroundingsOptions): Promise<Surroundings> {
  const byContainers = env["CRE_TEST_CONTAINERS"] === "1";
  if (byContainers) await composeUp(LIFECYCLE_CONTAINERS);
  const variables = compose || byContainers ? composeVariables(readFileSync(COMPOSE_FILE, "utf8")) : env;
  const places = givenPlaces(variables);
  if (places !== undefined) {
    mkdirSync(places.shared, { recursive: true });
    const clock = await openStoryClock(join(places.shared, "ahead"));
    return { clock, services: await attachServices(places, clock), close: async () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), "cre-clock-"));
  const clock = await openStoryClock(join(folder, "ahead"));
  const services = await startLocalServices(clock);
  return {
    clock,
    services,
    close: async () => {
      await services.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
