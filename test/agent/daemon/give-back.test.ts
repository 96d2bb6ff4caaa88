import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { giveBackMemory } from '#agent/daemon/give-back.ts';

describe('giving back memory', () => {
  it('collects what nobody holds, on a Node started without flags', async () => {
    const held = { text: 'held' };
    const dropped = ((): WeakRef<object> => new WeakRef({ text: 'dropped' }))();
    // A reference read or made in this turn keeps its object until the turn is over.
    await turn();
    giveBackMemory();
    expect(dropped.deref()).toBeUndefined();
    expect(held.text).toBe('held');
    expect('gc' in globalThis).toBe(false);
  });
});
