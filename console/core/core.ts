// The console core: one store, one collector, one planner behind ConsoleApi. Knows no Electron, no HTTP, no terminal.
import { randomBytes } from 'node:crypto';
import { consoleApi, type MethodName, type Params, type Push, type Returns } from '#console/api.ts';
import type { Clock } from '#shared/clock.ts';
import { nodeCrypto } from '#shared/node/ed25519.ts';
import type { Broker } from '#shared/protocol/broker.ts';
import { topicsOf } from '#shared/protocol/topics.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { type Collector, openCollector } from './collector/collector.ts';
import type { Handlers } from './face-methods.ts';
import {
  type CredentialDesk,
  databasePath,
  type FleetFile,
  loadFleet,
  openCredentialDesk,
  openServiceKeys,
} from './home.ts';
import { handlersOf } from './methods.ts';
import type { ConsoleStore } from './ports.ts';
import { openConsoleStore } from './store/open.ts';
import { openTails, type Tails } from './tails.ts';
import { sweepTokens } from './tokens.ts';
import { trustBook } from './trust-book.ts';

export interface CoreOptions {
  /** Directory made by `muster init`: fleet.json, keys/, console.db, broker/. */
  readonly home: string;
  readonly clock: Clock;
  /** null: store only; what is written waits until a core with a broker runs. */
  readonly broker: Broker | null;
  readonly log?: (line: string) => void;
  /** In [0, 1): jitter of reconnects. */
  readonly random?: () => number;
}

export interface Core {
  /** Parses the parameters and answers; faults are values (PARAMS for parameters that do not parse). */
  readonly call: <M extends MethodName>(
    method: M,
    params: Params<M>,
  ) => Promise<Result<Returns<M>>>;
  /** Names of what changed; the returned function ends it. */
  readonly onPush: (listener: (push: Push) => void) => () => void;
  readonly close: () => Promise<void>;
}

/** Opens the home and starts collecting. Faults: HOME_MISSING, HOME_INVALID, STORE, and with a broker KEY_FILE_*. */
export async function openCore(options: CoreOptions): Promise<Result<Core>> {
  const { home, clock, broker } = options;
  const fleet = loadFleet(home);
  if (!fleet.ok) return fleet;
  const store = openStore(home);
  if (!store.ok) return store;
  const desk = openCredentialDesk(home);
  sweepTokens(store.value, desk, clock.now().wallAt);
  const listeners = new Set<(push: Push) => void>();
  const push = (news: Push): void => {
    for (const listener of listeners) listener(news);
  };
  const tails = openTails(clock, push);
  const parts: Parts = { tails, options, fleet: fleet.value, store: store.value, desk, push };
  const collector = broker ? startCollector(parts, broker) : ok(undefined);
  if (!collector.ok) {
    desk.close();
    store.value.close();
    return collector;
  }
  const handlers = handlersOf({
    ...parts,
    clock,
    brokerUrl: broker?.describe() ?? fleet.value.brokerUrl,
    collector: collector.value,
    crypto: nodeCrypto,
    trust: trustBook(store.value, nodeCrypto),
    startedAt: clock.now().wallAt,
  });
  return ok(doorOf(parts, handlers, collector.value, listeners));
}

const CLOSED = err('CLOSED', 'the console core is closed');

interface Parts {
  readonly tails: Tails;
  readonly options: CoreOptions;
  readonly fleet: FleetFile;
  readonly store: ConsoleStore;
  readonly desk: CredentialDesk;
  readonly push: (news: Push) => void;
}

function doorOf(
  { store, desk }: Parts,
  handlers: Handlers,
  collector: Collector | undefined,
  listeners: Set<(push: Push) => void>,
): Core {
  let closed = false;
  return {
    call: async (method, params) => {
      if (closed) return CLOSED;
      const entry = consoleApi[method];
      const parsed = entry?.params.safeParse(params);
      if (!parsed?.success) return err('PARAMS', parsed?.error.message ?? `no method ${method}`);
      try {
        return (await handlers[method](parsed.data as never)) as Result<Returns<typeof method>>;
      } catch (error) {
        // Closed under a long answer: its next look at the store fails, and that is no bug.
        if (closed) return CLOSED;
        throw error;
      }
    },
    onPush: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await collector?.close();
      listeners.clear();
      desk.close();
      store.close();
    },
  };
}

function openStore(home: string): Result<ConsoleStore> {
  try {
    return ok(openConsoleStore(databasePath(home)));
  } catch (error) {
    return err('STORE', (error as Error).message, {
      at: databasePath(home),
      hint: 'is the disk full, or was the file written by a newer version?',
    });
  }
}

function startCollector(
  { options, fleet, store, desk, push, tails }: Parts,
  broker: Broker,
): Result<Collector> {
  const keys = openServiceKeys(options.home);
  if (!keys.ok) return keys;
  const known = store.meta.get('canary');
  const canary = known ?? randomBytes(16).toString('hex');
  store.meta.set('canary', canary);
  const context = {
    fleet: fleet.fleet,
    collector: fleet.collector,
    topics: topicsOf(fleet.fleet),
    store,
    crypto: nodeCrypto,
    clock: options.clock,
    ...keys.value,
    addCredential: desk.add,
    trust: trustBook(store, nodeCrypto),
    push,
    onTail: tails.take,
    log: options.log ?? (() => undefined),
  };
  const random = options.random ?? Math.random;
  return ok(openCollector({ context, broker, random, canary, firstTime: known === undefined }));
}
