// The ledger as its entries tell it: the newest telling of each row, less what a corrected clock withdrew.
import type { Event } from '#shared/run/event.ts';
import type { LedgerRow } from '#shared/run/ledger.ts';

export interface LedgerView {
  readonly rows: readonly LedgerRow[];
  /** Rows of runs that stood above the cursor when a clock was corrected. */
  readonly ahead: readonly { readonly schedule: string; readonly from: string }[];
}

/** `events` in log order, without gaps but for recorded losses. */
export function ledgerView(events: Iterable<Event>): LedgerView {
  const rowsByKey = new Map<string, LedgerRow>();
  const ahead: LedgerRow[] = [];
  for (const event of events) {
    if (event.kind === 'ledger') {
      for (const row of event.rows) rowsByKey.set(`${row.schedule} ${row.from}`, row);
    } else if (event.kind === 'clock' && event.change === 'cursor-pulled-back') {
      const cursorAt = Date.parse(event.cursor);
      for (const [key, row] of rowsByKey) {
        if (Date.parse(row.from) <= cursorAt) continue;
        if (row.run === null) rowsByKey.delete(key);
        else ahead.push(row);
      }
    }
  }
  return { rows: [...rowsByKey.values()], ahead };
}
