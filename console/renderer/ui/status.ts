// Every state a person sees, in one list: word, tone, shape. No state is told by colour alone.
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'deny' | 'mute';
export type Shape =
  | 'disc'
  | 'ring'
  | 'dashed'
  | 'play'
  | 'clock'
  | 'hourglass'
  | 'triangle'
  | 'cross'
  | 'bar'
  | 'minus'
  | 'half'
  | 'pause'
  | 'skip'
  | 'question';

export interface Status {
  readonly word: string;
  readonly tone: Tone;
  readonly shape: Shape;
}

const status = (word: string, tone: Tone, shape: Shape): Status => ({ word, tone, shape });

export const STATUSES = {
  // presence
  online: status('online', 'ok', 'disc'),
  offline: status('offline', 'mute', 'ring'),
  // coverage
  applied: status('applied', 'ok', 'disc'),
  pending: status('pending', 'warn', 'half'),
  refused: status('refused', 'deny', 'bar'),
  unknown: status('unknown', 'mute', 'question'),
  // runs
  starting: status('starting', 'busy', 'play'),
  running: status('running', 'busy', 'play'),
  retrying: status('retrying', 'warn', 'play'),
  succeeded: status('succeeded', 'ok', 'disc'),
  failed: status('failed', 'bad', 'cross'),
  'timed-out': status('timed out', 'bad', 'clock'),
  cancelled: status('cancelled', 'mute', 'minus'),
  lost: status('lost', 'deny', 'question'),
  // ledger
  ran: status('ran', 'ok', 'disc'),
  coalesced: status('coalesced', 'mute', 'skip'),
  expired: status('expired', 'warn', 'hourglass'),
  skipped: status('skipped', 'warn', 'skip'),
  superseded: status('superseded', 'mute', 'minus'),
  planned: status('planned', 'mute', 'ring'),
  // machines
  missed: status('missed', 'warn', 'hourglass'),
  silent: status('silent', 'warn', 'dashed'),
  healthy: status('healthy', 'ok', 'disc'),
  revoked: status('revoked', 'mute', 'minus'),
  paused: status('paused', 'mute', 'pause'),
  // clock
  trusted: status('trusted', 'ok', 'disc'),
  untrusted: status('not trusted', 'warn', 'triangle'),
  // anything to say about a whole
  ok: status('ok', 'ok', 'disc'),
  attention: status('needs a look', 'warn', 'triangle'),
  broken: status('broken', 'bad', 'cross'),
} as const satisfies Readonly<Record<string, Status>>;

/** Words of a newer core that this console does not know are shown as they are. */
export const statusOf = (name: string): Status =>
  (STATUSES as Readonly<Record<string, Status>>)[name] ?? status(name, 'mute', 'question');
