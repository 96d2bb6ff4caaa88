// What aedes wants remembered, cut down to what this broker allows: retained messages. No sessions, no QoS 2, no queues.
import { Readable } from 'node:stream';
import type { RetainedStore } from './retained.ts';

const nothing = async (): Promise<void> => undefined;
const none = async (): Promise<readonly never[]> => [];
const empty = (): Readable => Readable.from([]);

/**
 * The persistence of an aedes broker that refuses lasting sessions and QoS 2, so that only the retained half has work.
 * storeRetained does nothing on purpose: aedes calls it after PUBACK; the server stores in authorizePublish, before.
 */
export function retainedOnlyPersistence(retained: RetainedStore): object {
  const stream = (filters: readonly string[]): Readable =>
    Readable.from(packets(retained, filters));
  return {
    // aedes insists on an async function here.
    setup: nothing,
    destroy: nothing,
    storeRetained: nothing,
    createRetainedStream: (filter: string) => stream([filter]),
    createRetainedStreamCombi: stream,
    addSubscriptions: nothing,
    removeSubscriptions: nothing,
    cleanSubscriptions: nothing,
    subscriptionsByClient: none,
    subscriptionsByTopic: none,
    countOffline: async () => ({ subsCount: 0, clientsCount: 0 }),
    outgoingEnqueue: nothing,
    outgoingEnqueueCombi: nothing,
    outgoingUpdate: nothing,
    outgoingClearMessageId: nothing,
    outgoingStream: empty,
    incomingStorePacket: nothing,
    incomingGetPacket: async () => {
      throw new Error('no such packet');
    },
    incomingDelPacket: nothing,
    cleanIncoming: nothing,
    putWill: nothing,
    getWill: nothing,
    delWill: nothing,
    streamWill: empty,
    getClientList: empty,
  };
}

function* packets(retained: RetainedStore, filters: readonly string[]): Generator<object> {
  for (const filter of filters) {
    for (const { topic, payload } of retained.match(filter)) {
      yield { cmd: 'publish', qos: 1, dup: false, retain: true, topic, payload };
    }
  }
}
