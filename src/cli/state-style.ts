import type { Cell } from "./table.ts";
import type { Style } from "./terminal.ts";

const STATES: Readonly<Record<string, Style>> = {
  active: "green",
  stale: "yellow",
  expired: "red",
  compromised: "magenta",
  retired: "dim",
};
const LEVELS: Readonly<Record<string, Style>> = {
  none: "dim",
  warning: "yellow",
  critical: "red",
  emergency: "magenta",
};
const ACTIONS: Readonly<Record<string, Style>> = {
  start: "green",
  adopt: "green",
  advance: "cyan",
  recover: "yellow",
  wait: "dim",
  skip: "dim",
  refuse: "red",
};
const STANDS: Readonly<Record<string, Style>> = {
  parked: "red",
  behind: "red",
  interrupted: "yellow",
  running: "cyan",
  ready: "cyan",
  waiting: "dim",
  closed: "dim",
};

function cellOf(styles: Readonly<Record<string, Style>>, text: string): Cell {
  const style = styles[text];
  return style === undefined ? { text } : { text, style };
}

export function stateCell(state: string): Cell {
  return cellOf(STATES, state);
}

export function levelCell(level: string): Cell {
  return cellOf(LEVELS, level);
}

export function actionCell(action: string): Cell {
  return cellOf(ACTIONS, action);
}

export function standsCell(stands: string): Cell {
  return cellOf(STANDS, stands);
}
