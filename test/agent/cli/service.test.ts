// install, uninstall and restart as far as they go without touching this machine; test/service does the rest in a booted one.
import { describe, expect, it } from 'vitest';
import { createLog } from '#agent/cli/log.ts';
import type { World } from '#agent/cli/terminal.ts';
import { runCli } from '#agent/cli.ts';

function world(env: Readonly<Record<string, string>> = {}): World & { readonly said: string[] } {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  // Never 0 here: as root on a machine with systemd these verbs would do what they say.
  return { env, out: say, err: say, isTerminal: false, uid: 1_000, said };
}

describe.skipIf(process.platform === 'win32')('the verbs for the service', () => {
  it.each(['install', 'uninstall', 'restart'])('%s is for the administrator', async (verb) => {
    const ordinary = world();
    expect(await runCli([verb], ordinary)).toBe(1);
    expect(ordinary.said.join('')).toMatch(/NEEDS_ROOT .*sudo/);
  });

  it.each(['install', 'uninstall', 'restart'])('%s shows examples', async (verb) => {
    const asked = world();
    expect(await runCli([verb, '--help'], asked)).toBe(0);
    expect(asked.said.join('')).toMatch(new RegExp(`Examples:\\n {2}sudo muster-agent ${verb}`));
  });
});

describe('log lines', () => {
  it('carry a priority for journald, and none elsewhere', () => {
    const journal = world({ JOURNAL_STREAM: '8:1234' });
    const log = createLog(journal, 'debug');
    log.debug({}, 'd');
    log.info({ level: 'no' }, 'i');
    log.warn({}, 'w');
    log.error({}, 'e');
    expect(journal.said.map((line) => line.slice(0, 4))).toEqual(['<7>{', '<6>{', '<4>{', '<3>{']);
    const plain = world();
    createLog(plain, 'info').info({ agent: 'till-7' }, 'ready');
    expect(JSON.parse(plain.said.join(''))).toMatchObject({ agent: 'till-7', msg: 'ready' });
  });
});
