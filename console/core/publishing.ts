// documents.publish: verified and stored first, then sent as far as the broker can be reached.
import type { Push } from '#console/api.ts';
import type { Published } from '#console/views.ts';
import type { Clock } from '#shared/clock.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { TrustCrypto } from '#shared/trust/crypto.ts';
import type { Trust } from '#shared/trust/trust-document.ts';
import type { Collector } from './collector/collector.ts';
import { type Accepted, verifyDocuments } from './planner/publish.ts';
import type { ConsoleStore } from './ports.ts';

/** How long the caller waits for the broker; what is not sent by then goes out in the background. */
const SEND_WAIT_MS = 10_000;

export interface PublishingContext {
  readonly store: ConsoleStore;
  readonly crypto: TrustCrypto;
  readonly clock: Clock;
  readonly rootFingerprint: string;
  readonly trust: () => Trust | undefined;
  readonly collector: Collector | undefined;
  readonly push: (push: Push) => void;
}

/** All or none. Faults: the refusal codes of trust/SPEC.md, AGENT_UNKNOWN, OFFLINE for a command without a connection. */
export async function publishDocuments(
  context: PublishingContext,
  envelopes: readonly string[],
): Promise<Result<readonly Published[]>> {
  const { store, crypto, clock, rootFingerprint, collector } = context;
  const nowAt = clock.now().wallAt;
  const verified = verifyDocuments(
    { store, crypto, rootFingerprint, trust: context.trust(), nowAt },
    envelopes.map((text) => Buffer.from(text, 'utf8')),
  );
  if (!verified.ok) return verified;
  const accepted = verified.value;
  const commands = accepted.some(({ kind }) => kind === 'command');
  if (commands && !collector?.link().online) {
    return err('OFFLINE', 'the console has no connection to the broker now', {
      hint: 'commands are sent at once or not at all: is `muster serve` running and connected?',
    });
  }
  const ids = store.transaction(() => accepted.map(({ save }) => save()));
  const streams = accepted.flatMap(({ stream }) => (stream === null ? [] : [stream]));
  if (streams.length > 0) context.push({ kind: 'documents', streams: [...new Set(streams)] });
  const sent = await send(context, accepted);
  return ok(
    accepted.map(({ docId, kind, agents }, index) => ({
      ...{ docId, kind, agents },
      sent:
        kind === 'command'
          ? sent.has(docId)
          : collector !== undefined && store.documents.isSent(ids[index] as number),
    })),
  );
}

/** Answers the ids of the commands a broker took. */
async function send(
  { collector, clock }: PublishingContext,
  accepted: readonly Accepted[],
): Promise<ReadonlySet<string>> {
  const sent = new Set<string>();
  if (!collector?.link().online) return sent;
  for (const { kind, docId, agents, envelope } of accepted) {
    const [agent] = agents;
    if (kind !== 'command' || agent === undefined) continue;
    if ((await collector.sendCommand(agent, envelope)).ok) sent.add(docId);
  }
  const timer = Promise.withResolvers<void>();
  const { cancel } = clock.after(SEND_WAIT_MS, timer.resolve);
  await Promise.race([collector.flush(), timer.promise]);
  cancel();
  return sent;
}
