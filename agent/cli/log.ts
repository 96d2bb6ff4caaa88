// Log lines on stderr: JSON for machines, short lines on a terminal.
import { pino } from 'pino';
import type { Log } from '#agent/daemon/context.ts';
import { paintOf, printable, type World } from './terminal.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `isTerminal` of the world decides the form. Lines are written at once: a killed agent's last words count. */
export function createLog(world: World, level: LogLevel): Log {
  if (world.isTerminal) return terminalLog(world, level);
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: world.env.JOURNAL_STREAM ? (line) => world.err(withPriority(line)) : world.err },
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}

/** sd-daemon(3): journald takes the number off and files the line under that priority. */
const PRIORITIES: Readonly<Record<string, number>> = { debug: 7, info: 6, warn: 4, error: 3 };
const withPriority = (line: string): string =>
  `<${PRIORITIES[/^\{"level":"(\w+)"/.exec(line)?.[1] ?? 'info'] ?? 6}>${line}`;

function terminalLog(world: World, level: LogLevel): Log {
  const paint = paintOf(world);
  const colours = { debug: paint.dim, info: paint.green, warn: paint.yellow, error: paint.red };
  const least = LOG_LEVELS.indexOf(level);
  const writer = (name: LogLevel): Log[LogLevel] => {
    if (LOG_LEVELS.indexOf(name) < least) return () => undefined;
    return (fields, message) => {
      const time = new Date().toISOString().slice(11, 19);
      const rest = Object.entries(fields)
        .filter(([, value]) => value !== null && value !== undefined)
        .map(
          ([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
        )
        .join(' ');
      const text = printable(`${message} ${rest}`.trimEnd());
      world.err(`${paint.dim(time)} ${colours[name](name.padEnd(5))} ${text}\n`);
    };
  };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
}
