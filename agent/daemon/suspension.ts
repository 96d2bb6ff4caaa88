// Installed schedules whose signer's key turned out to be compromised: paused one by one until somebody else signs them (P8).
import { z } from 'zod';
import type { SchedulerControl } from '#agent/ports.ts';
import type { Now } from '#shared/clock.ts';
import { formatInstant, scheduleKey } from '#shared/ids.ts';
import { checkInstalled, type Trust } from '#shared/trust/trust-document.ts';
import type { Context } from './context.ts';
import { storedSchedules, storedSigners } from './stored-documents.ts';

const NAME = 'suspended';
const suspendedSchema = z.record(z.string(), z.array(z.string()));

export interface Suspension {
  /** After every trust change: looks at the signers of everything installed. */
  readonly review: (trust: Trust, now: Now) => void;
  /** A new document of this stream was accepted: what was paused for the old one's sake may run. */
  readonly replaced: (stream: string, now: Now) => void;
}

export function openSuspension(
  { store, random, log }: Context,
  scheduler: Pick<SchedulerControl, 'tick' | 'pause' | 'resume' | 'cursorAt'>,
): Suspension {
  const load = (): Record<string, string[]> =>
    suspendedSchema.parse(JSON.parse(store.meta.get(NAME) ?? '{}'));

  const record = (
    kind: 'held' | 'released',
    stream: string,
    keys: readonly string[] | null,
    now: Now,
  ) => {
    const { [stream]: _, ...others } = load();
    const next = keys === null ? others : { ...others, [stream]: keys };
    store.transaction(() => {
      store.meta.set(NAME, JSON.stringify(next));
      store.log.append([
        {
          kind,
          at: formatInstant(now.wallAt),
          reason: `suspended ${stream}`.slice(0, 64),
          cursor: formatInstant(scheduler.cursorAt()),
        },
      ]);
    });
  };

  return {
    review: (trust, now) => {
      for (const { kind, name } of store.documents.heads()) {
        if (kind !== 'schedule' || load()[name]) continue;
        const envelope = store.documents.get('schedule', name)?.envelope;
        if (!envelope || checkInstalled(trust, storedSigners(envelope)).ok) continue;
        log.error({ stream: name }, 'suspended: signed with a key that is compromised');
        scheduler.tick(now);
        const keys = storedSchedules(envelope).map((id) => scheduleKey(name, id));
        record('held', name, keys, now);
        for (const key of keys) scheduler.pause(key, random.hex128(), now);
      }
    },
    replaced: (stream, now) => {
      const keys = load()[stream];
      if (!keys) return;
      record('released', stream, null, now);
      for (const key of keys) scheduler.resume(key, random.hex128(), now);
    },
  };
}
