// `muster-agent run`: puts the daemon together, plans before it connects, and stops without touching its jobs.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CAPABILITIES, chooseData, type DataDirectory, dataDirectory } from '#agent/config.ts';
import { type Agent, openAgent } from '#agent/daemon/agent.ts';
import type { Context, Log, Machine } from '#agent/daemon/context.ts';
import { createScheduler } from '#agent/daemon/scheduler.ts';
import type { Scheduler } from '#agent/daemon/scheduler-types.ts';
import { takeLock } from '#agent/files/lock.ts';
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
import { type EnrolledData, openEnrolled } from './enrolled.ts';
import { createLog, type LogLevel } from './log.ts';
import { policyPath } from './policy-path.ts';
import { nodeRandom } from './random.ts';
import { EXIT, fail, type World } from './terminal.ts';

export interface RunFlags {
  readonly data?: string;
  readonly logLevel: LogLevel;
}

export async function run(world: World, flags: RunFlags): Promise<number> {
  const data = dataDirectory(chooseData(flags.data, world.env, world.uid === 0));
  const enrolled = openEnrolled(data);
  if (!enrolled.ok) return fail(world, enrolled.fault, false);
  const lock = takeLock(data.lock);
  if (!lock.ok) return fail(world, lock.fault, false);
  const stopped = nextSignal();
  const log = createLog(world, flags.logLevel);
  const daemon = await startDaemon(world, data, enrolled.value, log);
  log.info({ agent: enrolled.value.identity.agent, data: data.root, pid: process.pid }, 'ready');
  log.info({ signal: await stopped }, 'stopping; jobs go on');
  await daemon.close();
  lock.value.release();
  log.info({}, 'stopped');
  return EXIT.ok;
}

/** Both ways a service manager asks for an end. A second signal kills, as it does by default. */
function nextSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  return promise;
}

interface Daemon {
  readonly close: () => Promise<void>;
}

async function startDaemon(
  world: World,
  data: DataDirectory,
  { identity, signer, seal }: EnrolledData,
  log: Log,
): Promise<Daemon> {
  const clock = systemClock;
  const { store, onAppend } = withListener(openAgentStore(data.database, identity));
  const bootId = readBootId(clock.now().wallAt);
  const policy = createPolicy({
    path: policyPath(data),
    haltPath: data.halt,
    uid: world.uid,
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
    random: nodeRandom,
    session: { id: nodeRandom.hex128(), startMs: clock.now().monoMs },
    log,
  };
  const { ca, url } = identity.broker;
  agent = openAgent({
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
    sealPublic: seal.publicRaw,
    selfIsRoot: world.uid === 0,
    beginIncarnation: store.log.beginIncarnation,
    onAppend,
  });
  // What is due is planned and started before anybody is asked for anything.
  await scheduler.start();
  scheduler.tick(clock.now());
  agent.connect();
  return { close: () => closeAll(agent, scheduler, launcher, store) };
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
