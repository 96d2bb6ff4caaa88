// Runs and their attempts: applied from projected changes, listed newest first, paged by key.

import type { RunChange } from '#console/core/fleet/project.ts';
import type { LogTable, RunFilter } from '#console/core/ports.ts';
import type { RunDetail, RunSummary } from '#console/views.ts';
import { formatInstant } from '#shared/ids.ts';
import type { Db } from '#shared/node/sqlite.ts';
import { eventSchema } from '#shared/run/event.ts';
import type { Outcome, RunState } from '#shared/run/ledger.ts';

interface Row {
  readonly id: number;
  readonly agentId: number;
  readonly run: string;
  readonly agent: string;
  readonly schedule: string;
  readonly nominal_at: number | null;
  readonly due_at: number | null;
  readonly cause: string;
  readonly state: RunState;
  readonly attempts: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly exit_code: number | null;
}

interface AttemptRow {
  readonly attempt: number;
  readonly cause: string;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly outcome: Outcome | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly output_bytes: number;
  readonly truncated: number;
  readonly isolation: string;
  readonly incarnation: number | null;
  readonly seq: number | null;
}

const SELECT = `SELECT r.id, r.agent AS agentId, r.run, a.name AS agent, s.key AS schedule, r.nominal_at, r.due_at,
  r.cause, r.state, r.attempts, r.started_at, r.finished_at, r.exit_code
  FROM runs r CROSS JOIN agents a ON a.id = r.agent CROSS JOIN schedules s ON s.id = r.schedule`;

export function runTable(db: Db, scheduleId: (key: string) => number, log: LogTable) {
  const byPrefix = db.prepare<[string, string], Row>(
    `${SELECT} WHERE r.run >= ? AND r.run < ? LIMIT 2`,
  );
  const attempts = db.prepare<[number], AttemptRow>(
    'SELECT * FROM attempts WHERE run = ? ORDER BY attempt',
  );
  // By state and time: few runs are open, few failed of late, and the machines' own index would read them all.
  const count = db.prepare<
    [string, number],
    { agent: number; n: number }
  >(`SELECT agent, count(*) AS n
    FROM runs INDEXED BY runs_by_state WHERE state IN (SELECT value FROM json_each(?)) AND order_at >= ?
    GROUP BY +agent`);
  return {
    applyRun: applier(db, scheduleId),
    listRuns: (filter: RunFilter) => listRuns(db, filter),
    findRun: (prefix: string): RunDetail | 'many' | undefined => {
      const [row, other] = byPrefix.all(prefix, `${prefix}g`);
      if (row === undefined) return undefined;
      if (other !== undefined) return 'many';
      const list = attempts.all(row.id).map((attempt) => ({
        ...attemptOf(attempt),
        output: outputOf(log, row.agentId, attempt),
      }));
      return { ...summary(row), attemptList: list };
    },
    countRuns: (states: readonly string[], sinceAt: number) =>
      new Map(count.all(JSON.stringify(states), sinceAt).map((row) => [row.agent, row.n])),
  };
}

function applier(db: Db, scheduleId: (key: string) => number) {
  const known =
    db.prepare(`INSERT INTO runs (run, agent, schedule, order_at, nominal_at, due_at, cause, state, attempts)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'starting', 0) ON CONFLICT (run) DO NOTHING`);
  const idOf = db
    .prepare<[string, number], number>('SELECT id FROM runs WHERE run = ? AND agent = ?')
    .pluck();
  const running = db.prepare(`UPDATE runs SET state = 'running', attempts = max(attempts, @attempt),
    cause = iif(@attempt = 1, @cause, cause), started_at = coalesce(started_at, @startedAt), finished_at = NULL,
    exit_code = NULL WHERE id = @id`);
  const start =
    db.prepare(`INSERT INTO attempts (run, attempt, cause, started_at) VALUES (@id, @attempt, @cause,
    @startedAt) ON CONFLICT DO NOTHING`);
  const finish =
    db.prepare(`INSERT INTO attempts (run, attempt, cause, started_at, finished_at, outcome, exit_code,
    signal, output_bytes, truncated, isolation, incarnation, seq) VALUES (@id, @attempt, 'schedule', @startedAt,
    @finishedAt, @outcome, @exitCode, @signal, @outputBytes, @truncated, @isolation, @incarnation, @seq)
    ON CONFLICT DO UPDATE SET started_at = excluded.started_at, finished_at = excluded.finished_at,
    outcome = excluded.outcome, exit_code = excluded.exit_code, signal = excluded.signal,
    output_bytes = excluded.output_bytes, truncated = excluded.truncated, isolation = excluded.isolation,
    incarnation = excluded.incarnation, seq = excluded.seq`);
  const between =
    db.prepare(`UPDATE runs SET state = 'retrying', attempts = max(attempts, @attempt),
    finished_at = @finishedAt, exit_code = @exitCode,
    started_at = iif(@attempt = 1 OR started_at IS NULL, @startedAt, started_at) WHERE id = @id`);
  const over = db.prepare(`UPDATE runs SET state = @outcome, attempts = max(attempts, @attempts),
    finished_at = coalesce(finished_at, @at) WHERE id = @id`);

  const add = (
    agentId: number,
    change: Exclude<RunChange, { kind: 'attempt-finished' | 'finished' }>,
  ) => {
    const { run, schedule, orderAt, nominalAt, dueAt, cause } = change;
    known.run(run, agentId, scheduleId(schedule), orderAt, nominalAt, dueAt, cause);
  };
  return (agentId: number, change: RunChange): void => {
    if (change.kind === 'known') {
      add(agentId, change);
      return;
    }
    if (change.kind === 'attempt-started') add(agentId, change);
    if (change.kind === 'finished') {
      // Its start may stand in a lost range; the end alone still tells that it ran.
      known.run(
        change.run,
        agentId,
        scheduleId(change.schedule),
        change.at,
        null,
        null,
        'schedule',
      );
    }
    const id = idOf.get(change.run, agentId);
    if (id === undefined) return;
    if (change.kind === 'finished') {
      over.run({ ...change, id });
      return;
    }
    if (change.kind === 'attempt-started') {
      running.run({ ...change, id });
      start.run({ ...change, id });
      return;
    }
    finish.run({ ...change, truncated: change.truncated ? 1 : 0, id });
    between.run({ ...change, truncated: 0, id });
  };
}

const ORDER_KEY = 'SELECT order_at AS at, id FROM runs WHERE run = ?';

/** Newest first; `before` is the id of the last run of the page before. Every choice of filters has its own index. */
function listRuns(db: Db, filter: RunFilter): readonly RunSummary[] {
  const { agent, schedule, state } = filter;
  const where: string[] = [];
  const values: (number | string)[] = [];
  const and = (clause: string, ...given: readonly (number | string)[]) => {
    where.push(clause);
    values.push(...given);
  };
  if (agent !== undefined) and('r.agent = ?', agent);
  if (schedule !== undefined) and('r.schedule = ?', schedule);
  if (state !== undefined) and('r.state = ?', state);
  // Said again in the words of the partial indexes, which hold all other states.
  if (state !== undefined && state !== 'succeeded') where.push("r.state <> 'succeeded'");
  if (filter.sinceAt !== undefined) and('r.order_at >= ?', filter.sinceAt);
  if (filter.untilAt !== undefined) and('r.order_at <= ?', filter.untilAt);
  if (filter.before !== undefined) {
    const last = db
      .prepare<[string], { readonly at: number; readonly id: number }>(ORDER_KEY)
      .get(filter.before);
    if (!last) return [];
    and('(r.order_at, r.id) < (?, ?)', last.at, last.id);
  }
  const clause = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
  const from = SELECT.replace('FROM runs r', `FROM runs r INDEXED BY ${indexFor(filter)}`);
  return db
    .prepare<unknown[], Row>(`${from} ${clause} ORDER BY r.order_at DESC, r.id DESC LIMIT ?`)
    .all(...values, filter.limit)
    .map(summary);
}

function indexFor({ agent, schedule, state }: RunFilter): string {
  const unwell = state !== undefined && state !== 'succeeded';
  if (agent !== undefined && schedule !== undefined) return 'runs_by_agent_schedule';
  if (agent !== undefined) return unwell ? 'runs_unwell_by_agent' : 'runs_by_agent';
  if (schedule !== undefined) return unwell ? 'runs_unwell_by_schedule' : 'runs_by_schedule';
  return state === undefined ? 'runs_by_time' : 'runs_by_state';
}

const instant = (at: number | null): string | null => (at === null ? null : formatInstant(at));

const summary = (row: Row): RunSummary => ({
  run: row.run,
  agent: row.agent,
  schedule: row.schedule,
  nominal: instant(row.nominal_at),
  due: instant(row.due_at),
  cause: row.cause,
  state: row.state,
  attempts: row.attempts,
  startedAt: instant(row.started_at),
  finishedAt: instant(row.finished_at),
  exitCode: row.exit_code,
  latenessMs: row.started_at === null || row.due_at === null ? null : row.started_at - row.due_at,
});

const attemptOf = (row: AttemptRow) => ({
  attempt: row.attempt,
  cause: row.cause,
  startedAt: formatInstant(row.started_at),
  finishedAt: instant(row.finished_at),
  outcome: row.outcome,
  exitCode: row.exit_code,
  signal: row.signal,
  outputBytes: row.output_bytes,
  truncated: row.truncated === 1,
  isolation: row.isolation,
});

/** The end of the output, from the signed event itself. */
function outputOf(log: LogTable, agentId: number, attempt: AttemptRow): string {
  if (attempt.incarnation === null || attempt.seq === null) return '';
  const body = log.event(agentId, attempt.incarnation, attempt.seq);
  if (body === undefined) return '';
  const event = eventSchema.parse(JSON.parse(body));
  return event.kind === 'attempt-finished' ? event.output : '';
}
