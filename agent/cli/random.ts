// Randomness of the operating system, as the daemon is handed it.
import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from '#agent/daemon/context.ts';

const RANGE = 2 ** 32;

export const nodeRandom: Random = {
  hex128: () => randomBytes(16).toString('hex'),
  unit: () => randomInt(RANGE) / RANGE,
};
