// Did the broker forget everything? Told by what it should still hold for us.
import type { BrokerMessage } from '#shared/protocol/broker.ts';
import { collectorMessageSchema } from '#shared/protocol/messages.ts';
import { parseStrictJson } from '#shared/trust/strict-json.ts';

/**
 * Retained messages that a broker which forgot nothing still has: the canary, and the newest trust, which no will of
 * ours can bring back.
 */
export function lookForLandmarks(state: string, canary: string, others: readonly string[]) {
  const missing = new Set([state, ...others]);
  const { promise: found, resolve } = Promise.withResolvers<boolean>();
  return {
    topics: [...missing],
    found,
    giveUp: () => resolve(false),
    /** True when the message was one of them, also when it comes again later. */
    take: ({ topic, payload }: BrokerMessage): boolean => {
      if (topic !== state && !others.includes(topic)) return false;
      if (topic !== state || isCanary(payload, canary)) missing.delete(topic);
      if (missing.size === 0) resolve(true);
      return true;
    },
  };
}

function isCanary(payload: Uint8Array, canary: string): boolean {
  const json = parseStrictJson(payload, { maxBytes: 4_096 });
  const message = json.ok ? collectorMessageSchema.safeParse(json.value).data : undefined;
  return message?.canary === canary;
}
