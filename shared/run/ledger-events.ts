// Ledger rows as log entries: batched so that no entry comes near the 64 KiB an entry may have.
import type { NewEvent } from './event.ts';
import type { LedgerRow } from './ledger.ts';

/** A row is at most about 700 bytes, mostly a third of that. */
const ROWS_PER_EVENT = 80;

/** `at`: when the rows were written, RFC 3339. */
export const ledgerEvents = (rows: readonly LedgerRow[], at: string): NewEvent[] =>
  Array.from({ length: Math.ceil(rows.length / ROWS_PER_EVENT) }, (_, i) => ({
    kind: 'ledger' as const,
    at,
    rows: rows.slice(i * ROWS_PER_EVENT, (i + 1) * ROWS_PER_EVENT),
  }));
