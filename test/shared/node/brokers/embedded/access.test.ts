import { describe, expect, test } from 'vitest';
import { mayPublish, maySubscribe } from '#shared/node/brokers/embedded/access.ts';

const agent = { username: 'press-1', role: 'agent' } as const;
const enrol = { username: 'enrol_t1', role: 'enrol' } as const;
const operator = { username: 'office', role: 'console' } as const;

describe('access to the embedded broker', () => {
  test('an agent writes only below its own up/ (P32)', () => {
    const allowed = ['a/press-1/up/state', 'a/press-1/up/ev', 'a/press-1/up/fill/main'];
    const denied = [
      'a/press-2/up/ev',
      'a/press-1/down/cmd',
      'a/press-10/up/ev',
      'trust/1',
      'c/main/state',
      'all/hello',
      'enrol/t1/req',
    ];
    for (const leaf of allowed)
      expect(mayPublish(agent, 'f', `muster1/f/${leaf}`, false)).toBe(true);
    for (const leaf of denied)
      expect(mayPublish(agent, 'f', `muster1/f/${leaf}`, false)).toBe(false);
    expect(mayPublish(agent, 'f', 'muster1/g/a/press-1/up/ev', false)).toBe(false);
    expect(mayPublish(agent, 'f', '$SYS/a/press-1/up/ev', false)).toBe(false);
  });

  test('an agent keeps no more than its state and its report on the broker (P32)', () => {
    const kept = ['state', 'rep', 'ev', 'x/y'].map((leaf) =>
      mayPublish(agent, 'f', `muster1/f/a/press-1/up/${leaf}`, true),
    );
    expect(kept).toEqual([true, true, false, false]);
  });

  test('an agent reads its own down/, trust, hello and the collectors (P33)', () => {
    const allowed = [
      'a/press-1/down/#',
      'a/press-1/down/doc/schedule/main',
      'trust/+',
      'trust/3',
      'all/hello',
      'c/main/state',
    ];
    const denied = ['#', 'a/#', 'a/+/down/#', 'a/press-2/down/cmd', 'a/press-1/up/#', 'trust/#'];
    for (const leaf of allowed)
      expect([leaf, maySubscribe(agent, 'f', `muster1/f/${leaf}`)]).toEqual([leaf, true]);
    for (const leaf of denied)
      expect([leaf, maySubscribe(agent, 'f', `muster1/f/${leaf}`)]).toEqual([leaf, false]);
    for (const filter of ['#', '+/f/all/hello', '$SYS/#', 'muster1/g/all/hello']) {
      expect([filter, maySubscribe(agent, 'f', filter)]).toEqual([filter, false]);
    }
  });

  test('an enrolling machine has one question, one answer and trust (P34)', () => {
    expect(mayPublish(enrol, 'f', 'muster1/f/enrol/t1/req', false)).toBe(true);
    expect(mayPublish(enrol, 'f', 'muster1/f/enrol/t1/req', true)).toBe(false);
    expect(mayPublish(enrol, 'f', 'muster1/f/enrol/t1/res', false)).toBe(false);
    expect(mayPublish(enrol, 'f', 'muster1/f/enrol/t2/req', false)).toBe(false);
    expect(maySubscribe(enrol, 'f', 'muster1/f/enrol/t1/res')).toBe(true);
    expect(maySubscribe(enrol, 'f', 'muster1/f/trust/+')).toBe(true);
    expect(maySubscribe(enrol, 'f', 'muster1/f/enrol/t1/req')).toBe(false);
    expect(maySubscribe(enrol, 'f', 'muster1/f/enrol/+/res')).toBe(false);
  });

  test('a console has all of its fleet and nothing else (P31)', () => {
    expect(mayPublish(operator, 'f', 'muster1/f/a/press-1/down/cmd', false)).toBe(true);
    expect(maySubscribe(operator, 'f', 'muster1/f/#')).toBe(true);
    expect(maySubscribe(operator, 'f', 'muster1/#')).toBe(false);
    expect(maySubscribe(operator, undefined, 'muster1/#')).toBe(true);
    expect(maySubscribe(operator, undefined, '#')).toBe(false);
    expect(mayPublish(operator, undefined, '$SYS/x/new/clients', false)).toBe(false);
  });
});
