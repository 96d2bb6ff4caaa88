// The daemon put together: what is remembered, what arrives, what is told. It plans without a link; the link comes last.
import type { SchedulerControl } from '#agent/ports.ts';
import { formatInstant } from '#shared/ids.ts';
import type { KeepConnectedOptions, KeptConnection } from '#shared/node/keep-connected.ts';
import type { Broker, BrokerMessage } from '#shared/protocol/broker.ts';
import { topicsOf } from '#shared/protocol/topics.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import type { DeviceDocument } from '#shared/trust/documents.ts';
import { openAcks } from './apply-ack.ts';
import { type Lookup, openCommands } from './apply-command.ts';
import { openDocuments } from './apply-document.ts';
import type { Context, Machine } from './context.ts';
import { openFloor } from './floor.ts';
import { openHold } from './hold.ts';
import { type Link, type LinkState, openLink } from './link.ts';
import { type MarksOptions, openMarks } from './marks.ts';
import { createRefusals } from './refusals.ts';
import { createReportPump } from './report.ts';
import type { BatchSource } from './report-batch.ts';
import { openSuspension } from './suspension.ts';
import { type LiveOutput, openTails } from './tail.ts';

export interface AgentOptions {
  readonly context: Context;
  readonly machine: Machine;
  readonly scheduler: SchedulerControl;
  readonly broker: Broker;
  readonly keepConnected: (options: KeepConnectedOptions) => KeptConnection;
  readonly pack: BatchSource['pack'];
  readonly marksFile: MarksOptions['file'];
  readonly lookup: Lookup;
  readonly output: LiveOutput;
  readonly sealPublic: Uint8Array;
  readonly selfIsRoot: boolean;
  readonly beginIncarnation: (after: number) => void;
  /** Tells of every entry appended to the log, whoever did it. */
  readonly onAppend: (listener: () => void) => void;
  /** Batching and resending, for tests in a hurry. */
  readonly lingerMs?: number;
  readonly quietMs?: number;
}

export interface Agent {
  readonly device: () => DeviceDocument | undefined;
  /** Opens the link. Call after the scheduler's first tick. */
  readonly connect: () => void;
  /** Ends the link and makes the end durable. Jobs go on. */
  readonly close: () => Promise<void>;
}

const MAINTENANCE_MS = 10_000;
/** Wall against monotonic clock: more than this between two looks means the machine slept. */
const SLEEP_MS = 15_000;
const CLEAN = 'clean-end';

/** Reads what is remembered and writes `agent-started`. */
export function openAgent(options: AgentOptions): Agent {
  const { context, machine, scheduler } = options;
  const { store, clock, identity, signer, session } = context;
  const startedAt = clock.now();
  const marks = openMarks({ agent: identity.agent, store, file: options.marksFile });
  const refusals = createRefusals((events) => store.transaction(() => store.log.append(events)));
  const floor = openFloor(store.meta, startedAt, 0);
  const hold = openHold(context, scheduler);
  let link: Link | undefined;
  const touch = (): void => link?.touchStatus();
  const documents = openDocuments({
    context,
    marks,
    floor,
    hold,
    refusals,
    scheduler,
    suspension: openSuspension(context, scheduler),
    capabilities: machine.capabilities,
    own: {
      signKey: encodeBase64(signer.publicRaw),
      sealKey: encodeBase64(options.sealPublic),
    },
    selfIsRoot: options.selfIsRoot,
    onChange: touch,
    onTrust: () => link?.followTrust(),
  });
  const pump = createReportPump(context, { ...options, cursorAt: scheduler.cursorAt });
  const tails = openTails(context, options.output);
  const commands = openCommands({ ...options, documents, floor, hold, onChange: touch });
  const applyAck = openAcks({
    context,
    documents,
    floor,
    hold,
    marks,
    pump,
    follow: (heads) => link?.follow(heads),
    beginIncarnation: options.beginIncarnation,
    announce: () => link?.kick(),
  });
  // A store that forgot would number its entries a second time: the collector would see a fork.
  if (marks.forgotten !== null) options.beginIncarnation(marks.forgotten);
  begin(context, machine, marks.suspicions);
  options.onAppend(() => pump.wake());

  const topics = topicsOf(identity.fleet);
  const collector = () => documents.trust()?.document.collectors[0]?.id ?? identity.collector;
  /** True after a message was lost to an error of this machine, such as a full disk: the broker is asked for it again. */
  let isBehind = false;
  const guard = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      isBehind = true;
      context.log.error({ reason: String(error) }, 'not done; is the disk full?');
    }
  };
  const onMessage = (message: BrokerMessage): void =>
    guard(() => {
      const now = clock.now();
      if (message.topic === topics.watch(identity.agent)) tails.receive(message.payload);
      else if (message.topic === topics.command(identity.agent)) commands.receive(message, now);
      else if (message.topic === topics.ack(identity.agent, collector())) applyAck(message, now);
      else documents.receive(message, now);
    });

  let maintenance: { readonly cancel: () => void } | undefined;
  let last = startedAt;
  const maintain = (): void => {
    maintenance = clock.after(MAINTENANCE_MS, maintain);
    const now = clock.now();
    const wasBehind = isBehind;
    isBehind = false;
    guard(() => refusals.flush(now.wallAt, now.monoMs));
    const drift = now.wallAt - last.wallAt - (now.monoMs - last.monoMs);
    last = now;
    // The monotonic clock stands still while the machine sleeps; the connection did not survive that.
    if (drift > SLEEP_MS || wasBehind) link?.kick();
    touch();
  };

  return {
    device: documents.device,
    connect: () => {
      const broker = options.broker;
      link = openLink({
        ...options,
        marks,
        broker,
        pump,
        tails,
        refused: () => [...refusals.recent()],
        trustVersion: () => documents.trust()?.document.version ?? 0,
        collector,
        onMessage,
        // Told from the connection's own callbacks: a full disk there would end the whole agent.
        onState: (state) => guard(() => saveLink(context, state)),
      });
      maintain();
    },
    close: async () => {
      maintenance?.cancel();
      await link?.close();
      const now = clock.now();
      guard(() =>
        store.transaction(() => {
          floor.save(now);
          const at = formatInstant(now.wallAt);
          store.log.append([{ kind: 'agent-stopped', at, session: session.id }]);
          store.meta.set(CLEAN, 'true');
        }),
      );
    },
  };
}

function begin(context: Context, machine: Machine, suspicions: readonly string[]): void {
  const { store, clock, session, log } = context;
  const at = formatInstant(clock.now().wallAt);
  const clean = store.meta.get(CLEAN) !== 'false';
  store.transaction(() => {
    store.log.append([
      {
        kind: 'agent-started',
        at,
        bootId: machine.bootId,
        version: machine.facts.version,
        session: session.id,
        clean,
      },
      ...suspicions.map((text) => ({
        kind: 'state' as const,
        at,
        code: 'STATE_SUSPECT',
        detail: text.slice(0, 512),
      })),
    ]);
    store.meta.set(CLEAN, 'false');
  });
  for (const text of suspicions) log.error({ code: 'STATE_SUSPECT' }, text);
}

function saveLink({ store, clock }: Context, state: LinkState): void {
  const at = formatInstant(clock.now().wallAt);
  store.meta.set('link', JSON.stringify({ ...state, at, pid: process.pid }));
}
