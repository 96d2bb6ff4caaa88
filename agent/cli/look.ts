// Reading an agent's data directory for people: also while its daemon runs, and when there is none.
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { chooseData, type DataDirectory, dataDirectory } from '#agent/config.ts';
import type { Identity } from '#agent/daemon/identity.ts';
import { isLocked } from '#agent/files/lock.ts';
import { type OpenedStore, openAgentStore } from '#agent/store/open.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { type EventOf, eventSchema } from '#shared/run/event.ts';
import { readIdentity } from './enrolled.ts';
import type { World } from './terminal.ts';

export interface Look {
  readonly data: DataDirectory;
  readonly identity: Identity;
  readonly isRunning: boolean;
  readonly store: OpenedStore;
}

/** Opens what is there. Faults NOT_ENROLLED, IDENTITY_BROKEN, STORE_MISSING. The caller closes the store. */
export function openLook(world: World, option: string | undefined): Result<Look> {
  const data = dataDirectory(chooseData(option, world.env, world.uid === 0));
  const identity = readIdentity(data);
  if (!identity.ok) return identity;
  // Opening would make an empty one, and an empty one looks like a lost one.
  if (!existsSync(data.database)) {
    return err('STORE_MISSING', `there is no ${data.database}`, {
      hint: 'start the agent: it fetches its documents again and says STATE_SUSPECT',
    });
  }
  return ok({
    data,
    identity: identity.value,
    isRunning: isLocked(data.lock),
    store: openAgentStore(data.database, identity.value),
  });
}

const linkSchema = z.object({
  state: z.enum(['connected', 'down', 'stopped']),
  broker: z.string(),
  reason: z.string().nullable(),
  at: z.string(),
});
export type LinkView = z.infer<typeof linkSchema>;

/** What the daemon last wrote of its connection. */
export function linkOf({ store, isRunning }: Look): LinkView | null {
  const parsed = linkSchema.safeParse(JSON.parse(store.meta.get('link') ?? 'null'));
  if (!parsed.success) return null;
  // A killed daemon could not say goodbye.
  return isRunning ? parsed.data : { ...parsed.data, state: 'stopped' };
}

const SCANNED_ENTRIES = 5_000;

/** The newest ended run of each schedule among the last entries of the log. */
export function lastRuns({ log }: OpenedStore): ReadonlyMap<string, EventOf<'run-finished'>> {
  const from = Math.max(1, log.head().seq - SCANNED_ENTRIES + 1);
  const found = new Map<string, EventOf<'run-finished'>>();
  for (const { bytes } of log.read(from, SCANNED_ENTRIES)) {
    if (!bytes.includes('"run-finished"')) continue;
    const event = eventSchema.safeParse(JSON.parse(bytes));
    if (event.success && event.data.kind === 'run-finished')
      found.set(event.data.schedule, event.data);
  }
  return found;
}
