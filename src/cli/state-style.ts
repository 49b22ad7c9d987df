import type { Style } from "./terminal.ts";

const STATES: Readonly<Record<string, Style>> = {
  active: "green",
  stale: "yellow",
  expired: "red",
  compromised: "magenta",
  retired: "dim",
};
const LEVEL_STYLES: Readonly<Record<string, Style>> = {
  none: "dim",
  warning: "yellow",
  critical: "red",
  emergency: "magenta",
};

export function stateCell(state: string): { readonly text: string; readonly style?: Style } {
  const style = STATES[state];
  return style === undefined ? { text: state } : { text: state, style };
}

export function levelCell(level: string): { readonly text: string; readonly style?: Style } {
  const style = LEVEL_STYLES[level];
  return style === undefined ? { text: level } : { text: level, style };
}
