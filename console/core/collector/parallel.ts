// Several publishes under way at once, never more than the protocol's window.
import { MAX_IN_FLIGHT } from '#shared/protocol/broker.ts';

/** Runs `work` over all items, at most 16 at a time. */
export async function inParallel<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, lane));
}
