// The collector's ack: lets the log be pruned, names the newest documents, tells the time, and finds restored disks.

import type { Now } from '#shared/clock.ts';
import { formatInstant, parseInstant } from '#shared/ids.ts';
import type { BrokerMessage } from '#shared/protocol/broker.ts';
import type { Fault } from '#shared/result.ts';
import type { DocumentHead } from '#shared/trust/documents.ts';
import { openEnvelope } from '#shared/trust/envelope.ts';
import { signingKeys } from '#shared/trust/trust-document.ts';
import { type VerifiedAck, verifyAck } from '#shared/trust/verify-down.ts';
import { type Documents, isMissing } from './apply-document.ts';
import type { Context } from './context.ts';
import type { Floor } from './floor.ts';
import type { Hold } from './hold.ts';
import type { Marks } from './marks.ts';
import type { ReportPump } from './report.ts';

export interface AcksOptions {
  readonly context: Context;
  readonly documents: Documents;
  readonly floor: Floor;
  readonly hold: Hold;
  readonly marks: Marks;
  readonly pump: ReportPump;
  /** Subscribes to documents that a verified ack names and this machine lacks. */
  readonly follow: (heads: readonly DocumentHead[]) => void;
  /** Gives the log a new incarnation: what stands in it joins no chain the collector has. */
  readonly beginIncarnation: (after: number) => void;
  /** Says who we are again, with the new incarnation. */
  readonly announce: () => void;
}

/** Answers what to do with one message from `down/ack/<collector>`. Never throws for what it holds. */
export function openAcks(
  options: AcksOptions,
): (message: Pick<BrokerMessage, 'topic' | 'payload'>, now: Now) => void {
  const { context, documents, floor, hold, marks, pump } = options;
  const { store, identity, signer, crypto, log } = context;

  const rolledBack = ({ message: detail, ids }: Fault, now: Now): void => {
    hold.hold('state-rollback', now);
    options.beginIncarnation(Number(ids?.incarnation ?? 0));
    store.log.append([
      {
        kind: 'state',
        at: formatInstant(now.wallAt),
        code: 'STATE_ROLLBACK',
        detail: detail.slice(0, 512),
      },
    ]);
    marks.save();
    options.announce();
  };

  const accept = ({ document, stored }: VerifiedAck, required: boolean): void => {
    options.follow(
      document.heads.filter((head) => isMissing(head, marks.head(head.kind, head.name))),
    );
    if (!required) return;
    if (stored && stored.seq > store.log.acknowledged().seq) {
      store.log.acknowledge(stored);
      pump.acknowledged();
    }
    const { want } = document;
    if (want && want.incarnation === store.log.head().incarnation) pump.rewind(want.from);
  };

  return ({ topic, payload }, now) => {
    const trust = documents.trust();
    if (!trust || payload.byteLength === 0) return;
    const keyOf = signingKeys(trust);
    const opened = openEnvelope(payload, { expectKinds: ['ack'], keyOf, crypto });
    const verified = opened.ok
      ? verifyAck(
          {
            trust,
            agent: identity.agent,
            deviceKey: signer.publicRaw,
            head: store.log.head(),
            hashAt: store.log.hashAt,
          },
          opened.value,
          crypto,
        )
      : opened;
    if (!verified.ok) {
      documents.refuse(verified.fault, topic, now);
      if (verified.fault.code === 'STATE_ROLLBACK') rolledBack(verified.fault, now);
      return;
    }
    const { document } = verified.value;
    log.debug({ stored: verified.value.stored?.seq, want: document.want }, 'ack');
    floor.raiseByAck(parseInstant(document.at), parseInstant(trust.document.notAfter), now);
    // Only the first collector of the trust document decides what may be pruned; others are readers.
    accept(verified.value, trust.document.collectors[0]?.id === document.collector);
  };
}
