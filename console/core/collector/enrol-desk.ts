// The line in front of the enrolment responder.
import type { BrokerConnection, BrokerMessage } from '#shared/protocol/broker.ts';
import { utf8 } from '#shared/trust/crypto.ts';
import type { CollectorContext } from './context.ts';
import { answerEnrol } from './enrol.ts';

const MAX_ENROL_WAITING = 100;

/** Requests to enrol, one after the other: two machines must not get one name. */
export function enrolDesk(
  context: CollectorContext,
  connection: () => BrokerConnection | undefined,
  flush: () => Promise<void>,
) {
  const { fleet, topics, log, push } = context;
  const topicPattern = new RegExp(`^muster1/${fleet}/enrol/([^/]+)/req$`);
  let line = Promise.resolve();
  let waiting = 0;
  const serve = async (token: string, payload: Uint8Array): Promise<void> => {
    try {
      const answer = await answerEnrol(context, token, payload);
      if (!answer) return;
      const topic = topics.enrolResponse(token);
      await connection()?.publish({ topic, payload: utf8(JSON.stringify(answer)), retain: false });
      if ('code' in answer) return;
      push({ kind: 'agents', agents: [answer.agent] });
      await flush();
    } catch (error) {
      log(`a request to enrol failed: ${(error as Error).message}`);
    } finally {
      waiting -= 1;
    }
  };
  return {
    /** True when the message was a request to enrol. */
    take: ({ topic, payload }: BrokerMessage): boolean => {
      const token = topicPattern.exec(topic)?.[1];
      if (token === undefined) return false;
      if (waiting >= MAX_ENROL_WAITING) return true;
      waiting += 1;
      line = line.then(() => serve(token, payload));
      return true;
    },
    drained: () => line,
  };
}
