// Occurrences as the ledger's rows of the log.
import { formatInstant } from '#shared/ids.ts';
import type { LedgerRow } from '#shared/run/ledger.ts';
import type { OccurrenceRow } from './types.ts';

export const toLedgerRow = (row: OccurrenceRow, schedule: string): LedgerRow => ({
  schedule,
  from: formatInstant(row.fromAt),
  to: formatInstant(row.toAt),
  count: row.count,
  due: formatInstant(row.dueAt),
  disposition: row.disposition,
  reason: row.reason,
  detail: row.detail,
  run: row.run,
});
