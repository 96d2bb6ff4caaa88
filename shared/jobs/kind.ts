// What every kind of job provides.
import { z } from 'zod';

/** A process to start, as data: argv[0] is an absolute path or looked up in the job's own PATH. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute; absent = the run's own working directory. */
  readonly cwd?: string;
}

export interface JobKind<J> {
  readonly describe: (job: J) => string;
  readonly toLaunch: (job: J) => Launch;
}

const noNul = z.string().refine((text) => !text.includes('\0'), 'NUL is not allowed');

export const argumentSchema = noNul.max(32_768);
export const envSchema = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/),
  noNul.max(8_192),
);
/** Absolute, without `..` elements. */
export const directorySchema = noNul
  .max(1_024)
  .refine(
    (path) => /^(\/|[A-Za-z]:\\)/.test(path) && !/(^|[\\/])\.\.([\\/]|$)/.test(path),
    'an absolute path without ..',
  );

/** Quotes one argument the way a POSIX shell would read it back. */
export const quoteArgument = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
