// Writes requests down as a shell script the launcher reads: every byte of an argument stays literal inside single quotes.
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AttemptKey, LaunchRequest } from '#agent/ports.ts';

/** Absolute paths of the system tools the scripts use. */
export interface Tools {
  readonly shell: string;
  readonly setsid: string;
  readonly env: string;
  /** `env` can give the job the default signal handling back (coreutils 8.31 on). */
  readonly envResetsSignals: boolean;
  readonly tee: string;
}

/** File names of one issue of an attempt: `<run>-<attempt>`, and `…~2` when an earlier issue was made void. */
export const baseName = (key: AttemptKey, issue = 1): string =>
  `${key.run}-${key.attempt}${issue > 1 ? `~${issue}` : ''}`;

/** Bytes a file may grow to so that it holds `capBytes` and shows that there was more: limits count in 512 bytes. */
export const capBlocks = (capBytes: number): number => Math.floor(capBytes / 512) + 1;

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export interface BatchItem {
  readonly base: string;
  readonly request: LaunchRequest;
}

/**
 * The script for one burst. Looks up each program and directory once per burst; what is missing becomes a job that says so
 * and fails to start. Attempts with a timeout under `armUnderMs` get their watchdog before they start.
 */
export function batchScript(
  items: readonly BatchItem[],
  tools: Tools,
  requestedAt: number,
  armUnderMs: number,
): string {
  const found = new Map<string, string>();
  const cached = (key: string, look: () => string): string => {
    const known = found.get(key) ?? look();
    found.set(key, known);
    return known;
  };
  let script = '';
  for (const { base, request } of items) {
    const arm = request.timeoutMs < armUnderMs ? 'now' : 'later';
    const numbers = `${Math.round(request.timeoutMs)} ${Math.round(request.graceMs)}`;
    const cap = `${request.outputCapBytes} ${capBlocks(request.outputCapBytes)}`;
    script += `job() {\n${jobBody(request, tools, cached)}\n}\n`;
    script += `go ${quote(base)} ${requestedAt} ${numbers} ${cap} ${quote(request.run)} ${arm}\n`;
  }
  return script;
}

function jobBody(
  request: LaunchRequest,
  tools: Tools,
  cached: (key: string, look: () => string) => string,
): string {
  const program = request.launch.argv[0] ?? '';
  const env: Readonly<Record<string, string>> = { MUSTER_RUN_ID: request.run, ...request.env };
  const path = env.PATH ?? '/usr/local/bin:/usr/bin:/bin';
  const lookup = program.includes('/') ? '' : path;
  const problem =
    cached(`d\0${request.cwd}`, () => directoryProblem(request.cwd)) ||
    cached(
      `p\0${program}\0${lookup}\0${program.startsWith('/') ? '' : request.cwd}`,
      () => findProgram(program, request.cwd, lookup).problem,
    );
  if (problem) return failing(problem);
  const file = cached(
    `f\0${program}\0${lookup}\0${program.startsWith('/') ? '' : request.cwd}`,
    () => findProgram(program, request.cwd, lookup).file,
  );
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${quote(value)}`);
  // env would take a path with `=` for an assignment.
  const start = file.includes('=') ? ['/bin/sh', '-c', `'exec "$0" "$@"'`] : [];
  const words = [
    tools.setsid,
    tools.env,
    '-i',
    ...(tools.envResetsSignals ? ['--default-signal'] : []),
    ...assignments,
    ...start,
    quote(file),
    ...request.launch.argv.slice(1).map(quote),
  ];
  const failed = failing(`cannot enter the directory ${request.cwd}`);
  return `cd ${quote(request.cwd)} 2>/dev/null || { ${failed}; }\numask 022\nexec ${words.join(' ')} 2>&1`;
}

// `F` in the record tells a failed start from a job that itself ended with 127.
const failing = (problem: string): string =>
  `printf '%s\\n' ${quote(`muster: ${problem}`)}; echo F >&2; exit 127`;

function directoryProblem(path: string): string {
  try {
    return statSync(path).isDirectory() ? '' : `not a directory: ${path}`;
  } catch {
    return `no such directory: ${path}`;
  }
}

function findProgram(
  program: string,
  cwd: string,
  path: string,
): { readonly file: string; readonly problem: string } {
  const places = program.includes('/')
    ? [resolve(cwd, program)]
    : path.split(':').map((place) => resolve(cwd, place, program));
  let problem = `command not found: ${program}`;
  for (const file of program === '' ? [] : places) {
    try {
      if (!statSync(file).isFile()) {
        problem = `not a program: ${file}`;
        continue;
      }
      accessSync(file, constants.X_OK);
      return { file, problem: '' };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') problem = `not executable: ${file}`;
    }
  }
  return { file: '', problem };
}
