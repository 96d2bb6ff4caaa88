// Puts the daemon together from its adapters: store, launcher, scheduler, policy, broker. It plans before it connects.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Agent, openAgent } from '#agent/daemon/agent.ts';
import type { Context, Log, Machine, Random } from '#agent/daemon/context.ts';
import { createScheduler } from '#agent/daemon/scheduler.ts';
import type { Scheduler } from '#agent/daemon/scheduler-types.ts';
import { textFile } from '#agent/files/text-file.ts';
import { openProcessLauncher } from '#agent/launch/process.ts';
import { readBinding, readBootId, readClockState, readFacts } from '#agent/machine.ts';
import { createPolicy } from '#agent/policy/policy.ts';
import type { LocalPolicy } from '#agent/ports.ts';
import { type OpenedStore, openAgentStore } from '#agent/store/open.ts';
import { openBroker } from '#shared/node/brokers.ts';
import { nodeCrypto } from '#shared/node/ed25519.ts';
import { packReport } from '#shared/node/gzip.ts';
import { keepConnected } from '#shared/node/keep-connected.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { describeFault } from '#shared/result.ts';
import type { EnrolledData } from './cli/enrolled.ts';
import { policyPath } from './cli/policy-path.ts';
import { nodeRandom } from './cli/random.ts';
import { CAPABILITIES, type DataDirectory } from './config.ts';

export interface DaemonOptions {
  readonly data: DataDirectory;
  readonly enrolled: EnrolledData;
  readonly log: Log;
  readonly uid: number;
  /** Of the operating system unless told. */
  readonly random?: Random;
  /** For tests in a hurry; see AgentOptions. */
  readonly lingerMs?: number;
  readonly quietMs?: number;
}

export interface Daemon {
  /** Throws when the store cannot be read: an agent like that is better started anew. */
  readonly pulse: () => void;
  /** Stops planning and ends the link; jobs go on. */
  readonly close: () => Promise<void>;
}

/** Opens everything, plans once, then connects. The caller holds the lock of the data directory. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { data, log, uid, random = nodeRandom } = options;
  const { identity, signer, seal } = options.enrolled;
  const clock = systemClock;
  const { store, onAppend } = withListener(openAgentStore(data.database, identity));
  const bootId = readBootId(clock.now().wallAt);
  const policy = createPolicy({
    path: policyPath(data),
    haltPaths: data.halts,
    uid,
    nowAt: () => clock.now().wallAt,
    running: () => store.runs.activeCount(),
    onChange: ({ result, digest }) =>
      result.ok
        ? log.info({ digest }, 'local policy changed')
        : log.error({ code: result.fault.code }, describeFault(result.fault)),
  });
  let scheduler: Scheduler | undefined;
  const launcher = await openProcessLauncher({
    directory: data.launch,
    onExit: (exit) => scheduler?.onExit(exit),
  });
  let agent: Agent | undefined;
  scheduler = createScheduler({
    store,
    launcher,
    policy,
    clock,
    agentId: identity.agent,
    bootId,
    runAs: 'self',
    directories: { checkpoints: join(data.root, 'checkpoints'), work: join(data.root, 'work') },
    home: homedir(),
    labels: () => agent?.device()?.labels ?? {},
    sha256,
    onFault: (fault) => log.error({ code: fault.code }, describeFault(fault)),
  });
  const context: Context = {
    identity: { ...identity, binding: readBinding(identity.fleet) },
    store,
    signer,
    crypto: nodeCrypto,
    clock,
    random,
    session: { id: random.hex128(), startMs: clock.now().monoMs },
    log,
  };
  const { ca, url } = identity.broker;
  agent = openAgent({
    ...options,
    context,
    machine: machineOf(bootId, policy),
    scheduler,
    broker: openBroker(url, ca === undefined ? {} : { ca }),
    keepConnected,
    pack: packReport,
    marksFile: textFile(data.marks),
    lookup: {
      jobKind: (key) => store.schedules.byKey(key)?.spec.job.kind,
      scheduleOf: (runId) => store.runs.get(runId)?.key,
    },
    output: {
      attemptOf: (runId) => {
        const run = store.runs.get(runId);
        return run?.state === 'starting' ? run.attempt : undefined;
      },
      read: launcher.readOutput,
    },
    sealPublic: seal.publicRaw,
    selfIsRoot: uid === 0,
    beginIncarnation: store.log.beginIncarnation,
    onAppend,
  });
  // What is due is planned and started before anybody is asked for anything.
  await scheduler.start();
  scheduler.tick(clock.now());
  agent.connect();
  return {
    pulse: () => void store.meta.get('held'),
    close: () => closeAll(agent, scheduler, launcher, store),
  };
}

async function closeAll(
  agent: Agent,
  scheduler: Scheduler,
  launcher: { readonly close: () => Promise<void> },
  store: OpenedStore,
): Promise<void> {
  await agent.close();
  await scheduler.close();
  await launcher.close();
  store.close();
}

const machineOf = (bootId: string, policy: LocalPolicy): Machine => ({
  facts: readFacts(),
  bootId,
  capabilities: CAPABILITIES,
  policy: policy.describe,
  clockState: readClockState,
});

/** The same store, telling of every append to its log: that is when there is something to report. */
function withListener(store: OpenedStore): {
  readonly store: OpenedStore;
  readonly onAppend: (listener: () => void) => void;
} {
  let listener = (): void => undefined;
  const append: OpenedStore['log']['append'] = (events) => {
    store.log.append(events);
    listener();
  };
  return {
    store: { ...store, log: { ...store.log, append } },
    onAppend: (next) => {
      listener = next;
    },
  };
}
