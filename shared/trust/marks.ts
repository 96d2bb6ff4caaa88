// High-water marks: a document moves forward, never back, never sideways, and not by leaps (TR24).
import { err, ok, type Result } from '#shared/result.ts';

export const MAX_REVISION_STEP = 1_000_000;

/** The newest document accepted under one name. A DocumentHead fits. */
export interface Mark {
  readonly epoch: number;
  readonly revision: number;
  readonly docId: string;
}

/** `same`: the very document already installed. */
export type Advance = 'apply' | 'same';

/** `name` is for people. Faults: EPOCH_OLD, REV_ROLLBACK, REV_FORK (ids hold both digests), REV_JUMP. */
export function advance(mark: Mark | undefined, next: Mark, name: string): Result<Advance> {
  if (mark && next.epoch < mark.epoch) {
    return err('EPOCH_OLD', `${name}: epoch ${next.epoch} after ${mark.epoch}`);
  }
  const base = mark && next.epoch === mark.epoch ? mark.revision : 0;
  if (next.revision < base) {
    return err('REV_ROLLBACK', `${name}: revision ${next.revision} after ${base}`);
  }
  if (next.revision > base + MAX_REVISION_STEP) {
    return err('REV_JUMP', `${name}: from revision ${base} to ${next.revision} in one step`);
  }
  if (!mark || next.revision !== base) return ok('apply');
  if (next.docId === mark.docId) return ok('same');
  return err('REV_FORK', `${name}: two documents say they are revision ${base}`, {
    ids: { docId: next.docId, installed: mark.docId },
    hint: 'two operators published at once: apply again, which makes a later revision',
  });
}
