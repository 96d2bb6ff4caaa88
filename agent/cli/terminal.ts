// Talking to people and scripts: plain text or JSON, colours only on a terminal, faults with their hint.
import { describeFault, type Fault } from '#shared/result.ts';

/** Everything of the process a verb may touch; main.ts makes the real one. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
  /** Of the process, -1 where the system has no such thing. */
  readonly uid: number;
}

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

export interface Paint {
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** No colours under NO_COLOR (https://no-color.org) or away from a terminal. */
export function paintOf({ env, isTerminal }: World): Paint {
  const isColoured = isTerminal && !env.NO_COLOR;
  const code = (n: number) => (text: string) => (isColoured ? `\x1b[${n}m${text}\x1b[0m` : text);
  return { green: code(32), red: code(31), yellow: code(33), dim: code(2) };
}

export const sayJson = (world: World, value: unknown): void =>
  world.out(`${JSON.stringify(value, null, 2)}\n`);

/** Prints a fault (to stdout as JSON for scripts, else to stderr) and answers the exit code. */
export function fail(
  world: World,
  fault: Fault,
  json: boolean,
  exit: number = EXIT.failed,
): number {
  if (json) sayJson(world, { error: fault });
  else world.err(`${paintOf(world).red('error:')} ${printable(describeFault(fault))}\n`);
  return exit;
}

/** Text from elsewhere, made inert: no control characters, no bidi overrides. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, (char) => (char === '\n' ? char : '\ufffd'));

/** Lines of `name  value`, names in one column. */
export function table(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}\n`).join('');
}
