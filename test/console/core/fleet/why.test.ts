// Golden sentences: one for every way an occurrence can stand or end.
import { describe, expect, it } from 'vitest';
import { plannedTimes } from '#console/core/fleet/segments.ts';
import { explain } from '#console/core/fleet/why.ts';
import type { Situation } from '#console/core/fleet/why-situation.ts';
import { placeInstant } from '#console/core/fleet/why-situation.ts';
import { readDesiredFile } from '#console/core/planner/read-file.ts';
import type { LedgerEntry, RunDetail } from '#console/views.ts';
import { parseInstant } from '#shared/ids.ts';
import type { EventOf } from '#shared/run/event.ts';
import { type Disposition, type RunState, SKIP_REASONS } from '#shared/run/ledger.ts';

const file = readDesiredFile(
  'f.yaml',
  'stream: shops\naudience: all\nschedules:\n  backup:\n    cron: 0 2 * * *\n    zone: Europe/Berlin\n    shell: x\n',
);
if ('faults' in file) throw new Error(JSON.stringify(file.faults));
const spec = file.stream.schedules[0];
if (!spec) throw new Error('no schedule');

const AT = '2026-03-02T01:00:00Z';
const entry = (disposition: Disposition, changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  agent: 'till-1',
  schedule: 'shops/backup',
  from: AT,
  to: AT,
  count: 1,
  due: '2026-03-02T01:00:07Z',
  disposition,
  reason: null,
  detail: null,
  run: null,
  ...changes,
});
const run = (state: RunState, changes: Partial<RunDetail> = {}): RunDetail => ({
  run: 'ab'.repeat(16),
  agent: 'till-1',
  schedule: 'shops/backup',
  nominal: AT,
  cause: 'schedule',
  state,
  attempts: 1,
  startedAt: '2026-03-02T01:00:07.040Z',
  finishedAt: '2026-03-02T01:03:00Z',
  exitCode: 0,
  latenessMs: 40,
  due: '2026-03-02T01:00:07Z',
  attemptList: [],
  ...changes,
});
const situation = (changes: Partial<Situation> = {}): Situation => ({
  schedule: 'shops/backup',
  agent: 'till-1',
  at: parseInstant(AT),
  nowAt: parseInstant('2026-03-02T12:00:00Z'),
  cursorAt: parseInstant('2026-03-02T11:00:00Z'),
  online: false,
  segment: { spec },
  firstAt: parseInstant('2026-03-01T00:00:00Z'),
  removed: false,
  losses: [],
  entry: null,
  run: null,
  ...changes,
});
const why = (changes: Partial<Situation>): string =>
  explain(situation(changes)).replace('shops/backup on till-1 at 2026-03-02T01:00:00Z ', '');
const skipped = (reason: string, detail: string | null = null): string =>
  why({ entry: entry('skipped', { reason, detail }) });
const ran = (state: RunState, changes: Partial<RunDetail> = {}): string =>
  why({ entry: entry('ran', { run: 'ab'.repeat(16) }), run: run(state, changes) });

describe('why: dispositions', () => {
  it('ran, by outcome', () => {
    const start = 'ran: it started at 2026-03-02T01:00:07.040Z, 40 ms after it was due';
    expect(ran('succeeded')).toBe(`${start} and succeeded at 2026-03-02T01:03:00Z.`);
    expect(ran('succeeded', { attempts: 3, cause: 'catch-up', latenessMs: 9_000_000 })).toBe(
      'ran to catch up: it started at 2026-03-02T01:00:07.040Z, 2.5 h after it was due and succeeded in 3 attempts at 2026-03-02T01:03:00Z.',
    );
    expect(ran('failed', { exitCode: 3 })).toBe(
      `${start} and failed with exit code 3 at 2026-03-02T01:03:00Z.`,
    );
    expect(ran('timed-out')).toBe(
      `${start} and was stopped at 2026-03-02T01:03:00Z because it ran past its timeout.`,
    );
    expect(ran('cancelled')).toBe(
      `${start} and was cancelled by a command at 2026-03-02T01:03:00Z.`,
    );
    expect(ran('lost')).toBe(
      `${start}; how it ended is lost: the machine or its launcher died, and no exit was recorded. It was neither called a success nor run again.`,
    );
    expect(ran('running')).toBe(`${start} and is running, as far as the machine has reported.`);
    expect(ran('retrying', { exitCode: 1 })).toBe(
      `${start}; attempt 1 did not succeed with exit code 1, and another follows.`,
    );
    expect(ran('starting', { startedAt: null })).toBe('was started; its process is being started.');
    expect(why({ entry: entry('starting') })).toBe('was started; how it went is not yet reported.');
  });

  it('pending, coalesced, expired, superseded', () => {
    expect(why({ entry: entry('pending') })).toBe(
      'is pending: it is planned and waits to start; it is due at 2026-03-02T01:00:07Z.',
    );
    expect(why({ entry: entry('coalesced', { reason: '2026-03-04T01:00:00Z' }) })).toBe(
      'did not run by itself: several occurrences were late together, and under catch-up `latest` one stands for all, 2026-03-04T01:00:00Z.',
    );
    expect(why({ entry: entry('expired', { reason: 'deadline' }) })).toBe(
      'expired: it could not start before its deadline; it was due at 2026-03-02T01:00:07Z.',
    );
    expect(why({ entry: entry('superseded', { reason: 'revision' }) })).toBe(
      'was superseded: a new revision of the schedule came while it waited to start.',
    );
  });

  it('skipped, by reason', () => {
    const golden = {
      overlap: ['r1', 'the run before was still going (r1), and overlap is `skip`.'],
      paused: ['document', 'the schedule is paused in its document.'],
      calendar: ['holidays', 'the calendar holidays was closed then.'],
      'catch-up': [null, 'the machine was late for it, and catch-up is `none`.'],
      limit: [
        null,
        'more occurrences were late than the catch-up limit allows; the newest were run.',
      ],
      condition: ['load 9', 'a condition was not met in time: load 9.'],
      held: ['halt', 'the machine was on hold (halt) and started nothing until released.'],
      vetoed: [
        'POLICY_SHELL',
        "the machine's own policy forbids the job (POLICY_SHELL). `muster-agent explain` there says which rule.",
      ],
      lease: [null, 'the machine had not heard from its console for longer than its lease.'],
      suspended: [
        null,
        'its document was suspended because a key that signed it was revoked as compromised.',
      ],
      clock: [null, 'the machine could not trust its clock then.'],
      lock: ['db', 'the lock db was held by another job.'],
      'not-owner': [null, 'another machine of its group was to run it.'],
    } as const;
    expect(Object.keys(golden).sort()).toEqual([...SKIP_REASONS].sort());
    for (const [reason, [detail, sentence]] of Object.entries(golden)) {
      expect(skipped(reason, detail)).toBe(`was skipped: ${sentence}`);
    }
    expect(skipped('paused', 'ffee')).toBe(
      'was skipped: the schedule was paused by a command (ffee).',
    );
    expect(skipped('solar-storm', 'x')).toBe('was skipped: solar-storm (x).');
  });
});

describe('why: no row', () => {
  it('unknown is not missed', () => {
    const early = parseInstant('2026-03-01T20:00:00Z');
    expect(why({ cursorAt: early })).toBe(
      'is unknown, which is not missed: till-1 has reported only up to 2026-03-01T20:00:00Z. It is not connected now; it may have run.',
    );
    expect(why({ cursorAt: null, online: true })).toBe(
      'is unknown, which is not missed: till-1 has reported nothing yet. It is connected, so its report should come soon.',
    );
  });

  it('still to come, lost by a record, or missing', () => {
    expect(why({ nowAt: parseInstant('2026-03-01T12:00:00Z') })).toBe('is still to come.');
    const losses = [{ schedule: 'shops/backup', from: AT, to: AT, count: 1 }];
    expect(why({ losses })).toBe(
      'has no account any more: that part of the log is lost, and recorded as lost. The machine had to drop it, or this console was restored from an older backup.',
    );
    expect(why({})).toBe(
      'has no account although the machine reported that time. That should not be: run `muster ledger --check` and `muster verify`.',
    );
  });

  it('not planned: another instant, not yet there, no longer there, never there', () => {
    expect(why({ at: parseInstant('2026-03-02T02:00:00Z') })).toContain(
      'was not planned: cron 0 2 * * * in Europe/Berlin does not fire then. The nearest occurrences are 2026-03-02T01:00:00Z and 2026-03-03T01:00:00Z.',
    );
    expect(why({ segment: undefined, firstAt: parseInstant('2026-03-02T08:00:00Z') })).toBe(
      'was not planned: the schedule came into force on this machine after 2026-03-02T08:00:00Z.',
    );
    expect(why({ segment: undefined, removed: true })).toBe(
      'was not planned: the schedule was no longer on this machine then.',
    );
    expect(why({ segment: undefined, firstAt: null })).toBe(
      'was not planned: till-1 never had the schedule shops/backup.',
    );
  });
});

describe('placeInstant', () => {
  it('finds the revision that answers for an instant, after the cursor too', () => {
    const cursor = '2026-03-01T00:00:00Z';
    const document = { schedules: [spec] } as never;
    const event: EventOf<'document-applied'> = {
      ...{ seq: 1, at: cursor, kind: 'document-applied', docId: 'd', docKind: 'schedule' },
      ...{ name: 'shops', epoch: 0, revision: 1, cursor },
    };
    const times = plannedTimes([event], () => document, parseInstant('2026-03-02T00:00:00Z'));
    const place = (at: string) => placeInstant(times, 'shops/backup', parseInstant(at)).segment;
    expect(place(cursor)).toBeUndefined();
    expect(place('2026-03-01T00:00:01Z')).toBeDefined();
    expect(place('2030-01-01T00:00:00Z')).toBeDefined();
    expect(placeInstant(times, 'shops/other', 0)).toMatchObject({ firstAt: null, removed: true });
  });
});
