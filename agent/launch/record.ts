// What an attempt's record file says. Pure: bytes in, facts out. A line without its newline does not count.
import { constants } from 'node:os';
import { type ProcessIdentity, parseStat } from './identity.ts';

export interface AttemptRecord {
  /** Set by the agent: this issue of the request never started and never will. */
  readonly void: boolean;
  readonly claim: AttemptClaim | undefined;
  readonly exit: AttemptOutcome | undefined;
}

export interface AttemptClaim {
  /** Epoch ms at which the agent handed the request over. */
  readonly requestedAt: number;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly capBytes: number;
  readonly supervisor: ProcessIdentity;
  /** The supervisor's whole /proc stat line, as the scripts want it. */
  readonly stat: string;
}

export interface AttemptOutcome {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly startFailed: boolean;
}

const claimLine = /^C (\d+) (\d+) (\d+) (\d+) (\S+) (\d+ .*)$/;

/** Reads a record; anything it does not know is skipped, except between claim and exit, where it is the shell's word. */
export function parseRecord(text: string): AttemptRecord {
  const lines = text.split('\n').slice(0, -1);
  const claim = parseClaim(lines[0] ?? '');
  const at = claim === undefined ? -1 : lines.findLastIndex((line) => /^X \d{1,3}$/.test(line));
  const between = lines.slice(1, Math.max(at, 1)).filter((line) => line !== '');
  const code = Number(lines[at]?.slice(2));
  return { void: lines[0] === 'N', claim, exit: at < 1 ? undefined : outcome(code, between) };
}

function parseClaim(line: string): AttemptClaim | undefined {
  const match = claimLine.exec(line);
  const stat = match?.[6] ?? '';
  const parsed = parseStat(stat);
  if (!match || !parsed) return undefined;
  const [requestedAt, timeoutMs, graceMs, capBytes] = match.slice(1, 5).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const supervisor = { ...parsed, bootId: match[5] as string };
  return { requestedAt, timeoutMs, graceMs, capBytes, supervisor, stat };
}

// A shell reports a signal as 128 + n, like a job that exits with that number; only for a real signal it also says so in words
// (`Terminated`), except for INT and PIPE, about which shells keep silent.
function outcome(code: number, words: readonly string[]): AttemptOutcome {
  if (words.includes('F')) return { exitCode: code, signal: null, startFailed: true };
  const silent =
    code === 128 + constants.signals.SIGINT || code === 128 + constants.signals.SIGPIPE;
  const signal = code > 128 && (words.length > 0 || silent) ? signalName(code - 128) : undefined;
  return { exitCode: signal ? null : code, signal: signal ?? null, startFailed: false };
}

const signalName = (number: number): string | undefined =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
