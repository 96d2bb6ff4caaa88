// What an agent's own disk says of its runs: read beside the running agent, never through it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { dataDirectory } from '#agent/config.ts';

export interface RecordedRun {
  readonly schedule: string;
  readonly nominalAt: number;
  readonly state: string;
  /** Epoch milliseconds at which the job itself said it began; undefined while it has not. */
  readonly saidAt: number | undefined;
}

/** Runs with nominal instants from `fromAt` to `toAt`, both inclusive. */
export function recordedRuns(home: string, fromAt: number, toAt: number): readonly RecordedRun[] {
  const data = dataDirectory(home);
  const db = new Database(data.database, { readonly: true });
  const rows = db
    .prepare(
      `SELECT r.run, r.state, r.nominal_at AS nominalAt, s.key AS schedule
       FROM run r JOIN schedule s ON s.id = r.schedule WHERE r.nominal_at BETWEEN ? AND ?`,
    )
    .all(fromAt, toAt) as (Omit<RecordedRun, 'saidAt'> & { readonly run: string })[];
  db.close();
  return rows.map(({ run, ...row }) => ({
    ...row,
    saidAt: saidAt(join(data.launch, `${run}-1.out`)),
  }));
}

/** What a job printed: nanoseconds since 1970, as one line. In milliseconds. */
export function saidAt(file: string): number | undefined {
  try {
    const text = readFileSync(file, 'latin1');
    return text.endsWith('\n') ? Number(text) / 1e6 : undefined;
  } catch {
    return undefined;
  }
}

/** Asks until the answer is true. Throws with `what` after `seconds`. */
export async function until(what: string, seconds: number, ask: () => boolean): Promise<void> {
  const endMs = performance.now() + seconds * 1_000;
  while (!ask()) {
    if (performance.now() > endMs) throw new Error(`waited ${seconds} s for ${what}`);
    await sleep(100);
  }
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
