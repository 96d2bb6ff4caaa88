// The life of the desktop shell: one instance, links from outside, its window, its keychain, and cores that go and come.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '#console/server/serve.ts';
import { loadToken } from '#console/server/token.ts';
import { initHome } from '#console/setup/init.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { requireTool } from '#test/support/require-tool.ts';
import { builtRenderer } from '#test/ui/build.ts';
import { agree, answerOf, askToSign, CONFIRM, connected, refuse } from './support/check.ts';
import { chromiumPath } from './support/chromium.ts';
import { openStage, type Play, type Stage } from './support/scene.ts';
import { type DoubleShell, inPage, startOnDouble, until } from './support/shell.ts';
import { documentWith, PASSPHRASE } from './support/stub-core.ts';

const has = requireTool(chromiumPath() ?? 'chromium', 'apt-get install chromium');
const RUN = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';

describe.runIf(has)('the life of the desktop shell', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  /** A second start beside `play`, with the same data. */
  const again = (play: Play, userData: string, args: readonly string[], app = stage.built.app) => {
    const { endpoint } = stage.chromium;
    return startOnDouble({ app, home: play.home, userData, endpoint, args });
  };
  const runsOf = (play: Play): Promise<string> => inPage<string>(play.shell, 'state.runs.join()');

  it('hands the link of a second start to the first, and ends that start', async () => {
    const userData = join(stage.directory, 'single');
    const play = await stage.play(stage.built.app, { userData });
    await connected(play.shell);
    const second = again(play, userData, [`muster://run/${RUN}`]);
    expect(await second.ended).toBe(0);
    await until('the run is shown', async () => (await runsOf(play)) === RUN);
    const third = again(play, userData, [
      'muster://run/../../x',
      'muster://schedule/a',
      '--inspect',
    ]);
    expect(await third.ended).toBe(0);
    expect(await runsOf(play)).toBe(RUN);
    // The planted fault: without the lock a second program stands beside the first.
    const unlocked = stage.built.mutant('no-lock', [
      { file: 'main.mjs', from: 'if (!app.requestSingleInstanceLock()) return false;', to: '' },
    ]);
    const beside = again(play, userData, [], unlocked);
    const windows = (): Promise<boolean> =>
      beside.main(({ BrowserWindow }) => BrowserWindow.getAllWindows().length === 1);
    await until('a second window', windows);
    await beside.close();
    await play.end();
  });

  it('shows the run of the link it was started with', async () => {
    const play = await stage.play(stage.built.app, { args: [`muster://run/${RUN}`] });
    await until('the run is shown', async () => (await runsOf(play)) === RUN);
    await play.end();
  });

  it('remembers its window, and brings one back from a screen that is gone', async () => {
    const userData = join(stage.directory, 'window');
    const play = await stage.play(stage.built.app, { userData });
    await play.shell.main(({ BrowserWindow, app }) => {
      const [window] = BrowserWindow.getAllWindows();
      window.setBounds({ x: 100, y: 50, width: 900, height: 700 });
      window.close();
      return app.isPackaged;
    });
    expect(await play.shell.ended).toBe(0);
    const file = join(userData, 'desktop.json');
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    expect(kept.window).toEqual({ x: 100, y: 50, width: 900, height: 700, maximized: false });
    writeFileSync(file, JSON.stringify({ ...kept, window: { ...kept.window, x: 5_000 } }));
    const next = await stage.play(stage.built.app, { userData });
    const bounds = await next.shell.main(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0].getNormalBounds(),
    );
    expect(bounds).toEqual({ x: 10, y: 10, width: 900, height: 700 });
    await next.end();
    await play.end();
  });

  it('locks the keys and shows its window from the tray', async () => {
    const play = await stage.play(stage.built.app);
    play.core.proposals.set('P-1', [documentWith(['true'])]);
    const needsPassphrase = async (): Promise<boolean> => {
      await askToSign(play.shell, 'P-1');
      return inPage<boolean>(play.shell, "!document.getElementById('secret').hidden", CONFIRM);
    };
    expect(await needsPassphrase()).toBe(true);
    await agree(play.shell, PASSPHRASE);
    expect((await answerOf(play.shell)).signed).toBe(true);
    expect(await needsPassphrase()).toBe(false);
    await refuse(play.shell);
    await answerOf(play.shell);
    const click = (label: string): Promise<void> =>
      play.shell.main(({ seen }, wanted) => {
        seen.trayMenu.find((item: { label?: string }) => item.label === wanted).click();
      }, label);
    await play.shell.main(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].minimize());
    await click('Show Muster');
    const minimized = await play.shell.main(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0].isMinimized(),
    );
    expect(minimized).toBe(false);
    await click('Lock keys');
    expect(await needsPassphrase()).toBe(true);
    await refuse(play.shell);
    await answerOf(play.shell);
    // A screen that is locked locks the keys too.
    expect(
      await play.shell.main(({ powerMonitor }) => powerMonitor.listenerCount('lock-screen')),
    ).toBe(1);
    await click('Quit');
    expect(await play.shell.ended).toBe(0);
    await play.end();
  });

  it('tells the page when its core is gone, and gives it a new way by itself', async () => {
    const play = await stage.play(stage.built.app);
    await connected(play.shell);
    play.core.drop();
    const heard = (what: string): Promise<boolean> =>
      inPage(play.shell, `state.news.at(-1)?.muster === '${what}'`);
    await until('word that it is gone or back', () =>
      inPage(play.shell, "state.news.some((n) => n.muster === 'core-gone')"),
    );
    await until('a new port', () => heard('core-port'));
    await inPage(
      play.shell,
      `state.replies.length = 0; state.port.postMessage(JSON.stringify({ id: 7, method: 'core.status', params: {} }))`,
    );
    await until('an answer', () => inPage(play.shell, 'state.replies[0]?.id === 7'));
    await play.end();
  });

  it('keeps the token of a server in the keychain, and nowhere when there is none but basic_text', async () => {
    const moveTo = async (app: string, keychain: string, name: string): Promise<boolean> => {
      const userData = join(stage.directory, name);
      const env = { MUSTER_DOUBLE_KEYCHAIN: keychain };
      const play = await stage.play(app, { userData, env });
      await play.shell.main(({ answers }) => answers.push(1));
      await inPage(
        play.shell,
        "void window.muster.choosePlace({ kind: 'server', url: 'https://ops.invalid', token: 'tok3n-Of-Ops' })",
      );
      const file = join(userData, 'desktop.json');
      await until('it is remembered', async () =>
        readFileSync(file, 'utf8').includes('ops.invalid'),
      );
      expect(readFileSync(file, 'utf8')).not.toContain('tok3n');
      await play.end();
      const kept = join(userData, 'server-token.bin');
      if (!existsSync(kept)) return false;
      expect(readFileSync(kept, 'utf8')).not.toContain('tok3n');
      return true;
    };
    const { app } = stage.built;
    expect(await moveTo(app, 'gnome_libsecret', 'keyring')).toBe(true);
    expect(await moveTo(app, 'basic_text', 'basic')).toBe(false);
    const trusting = stage.built.mutant('basic-text', [
      { file: 'main.mjs', from: 'backend !== "basic_text" && ', to: '' },
    ]);
    expect(await moveTo(trusting, 'basic_text', 'planted')).toBe(true);
  });

  it('runs the broker of a home beside the core, and either again when it is killed', async () => {
    const home = join(stage.directory, 'broker-home');
    const url = `mqtt://127.0.0.1:${await freePort()}`;
    const made = await initHome({
      ...{ home, fleet: 'shops', person: 'anna', passphrase: PASSPHRASE, clock: systemClock },
      broker: { url, embedded: true },
    });
    expect(made.ok).toBe(true);
    const userData = join(stage.directory, 'broker-data');
    const { endpoint } = stage.chromium;
    const shell = startOnDouble({ app: stage.built.app, home, userData, endpoint });
    const online = async (): Promise<boolean> => {
      const status = await asker(shell)('core.status', {});
      return (status as { value: { broker: { online: boolean } } }).value.broker.online;
    };
    const kill = async (name: string): Promise<void> => {
      const running = await shell.main<readonly { path: string; pid: number }[]>((electron) =>
        electron.processes(),
      );
      process.kill(running.find(({ path }) => path.endsWith(name))?.pid ?? 0, 'SIGKILL');
    };
    await connected(shell);
    await until('the broker is reached', online, 40_000);
    await kill('broker-process.mjs');
    await until('it is missed', async () => !(await online()), 40_000);
    await until('it is reached again', online, 40_000);
    await kill('core-process.mjs');
    await until('word of it', () =>
      inPage(shell, "state.news.some(({ fault }) => fault?.message.includes('process'))"),
    );
    await until('the core answers again', () =>
      inPage(shell, "state.news.at(-1).muster === 'core-port'"),
    );
    await until('the broker is reached by the new core', online, 40_000);
    await shell.close();
  });

  it('shows the console itself, and nothing in it meets the content policy', async () => {
    await builtRenderer();
    const app = stage.built.mutant('console', []);
    cpSync(new URL('../../dist/renderer', import.meta.url), join(app, '../renderer'), {
      recursive: true,
      force: true,
    });
    const play = await stage.play(app);
    await until('the frame of the console', () =>
      inPage(play.shell, "document.querySelector('main, [role=main]') !== null"),
    );
    const violations = `new Promise((done) => {
      new ReportingObserver((reports) => done(reports.map(({ body }) => body.blockedURL).join()), {
        buffered: true, types: ['csp-violation'] }).observe();
      setTimeout(() => done(''), 500);
    })`;
    expect(await inPage(play.shell, violations)).toBe('');
    // What it would have seen.
    const inline =
      "document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }))";
    await inPage(play.shell, inline);
    expect(await inPage(play.shell, violations)).toBe('inline');
    await play.end();
  });

  it('runs the core of a real home, and speaks to a server a person chose', async () => {
    const home = join(stage.directory, 'real-home');
    const made = await initHome({
      ...{ home, fleet: 'shops', person: 'anna', passphrase: PASSPHRASE, clock: systemClock },
      broker: { url: 'mqtt://127.0.0.1:1', embedded: false },
    });
    expect(made.ok).toBe(true);
    const userData = join(stage.directory, 'real');
    const { endpoint } = stage.chromium;
    const shell = startOnDouble({ app: stage.built.app, home, userData, endpoint });
    const ask = asker(shell);
    await connected(shell);
    expect(await ask('core.status', {})).toMatchObject({ ok: true, value: { fleet: 'shops' } });
    // One core per home: the desktop's own holds the lock.
    const second = await serve({
      ...{ home, clock: systemClock, http: undefined, brokerUrl: undefined, log: () => undefined },
    });
    expect(second).toMatchObject({ ok: false, fault: { code: 'CORE_RUNNING' } });
    // What only the main process may do is not to be had over the port either: the core has no key.
    expect(await ask('proposals.show', { proposal: 'P-1' })).toMatchObject({ ok: false });
    await shell.close();

    let serving: Awaited<ReturnType<typeof serve>> | undefined;
    await until('the home is free', async () => {
      const options = { home, clock: systemClock, http: '127.0.0.1:0', brokerUrl: undefined };
      serving = await serve({ ...options, log: () => undefined });
      return serving.ok;
    });
    const token = loadToken(home);
    if (!serving?.ok || !token.ok) throw new Error('no server to speak to');
    const play = await stage.play(stage.built.app);
    await connected(play.shell);
    await play.shell.main(({ answers }) => answers.push(1));
    const url = serving.value.http;
    await inPage(
      play.shell,
      `void window.muster.choosePlace({ kind: 'server', url: '${url}', token: '${token.value}' })`,
    );
    await until('the other place', () =>
      inPage(play.shell, "window.muster.place.kind === 'server' && !!state.port"),
    );
    expect(await asker(play.shell)('core.status', {})).toMatchObject({
      value: { fleet: 'shops', collector: 'main' },
    });
    await play.end();
    await serving.value.close();
  });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Calls the core as the console's transport does: over the port, by id. */
function asker(shell: DoubleShell): (method: string, params: object) => Promise<unknown> {
  let id = Math.floor(Math.random() * 1e9);
  return async (method, params) => {
    const text = JSON.stringify({ id: ++id, method, params });
    await inPage(shell, `state.port.postMessage(${JSON.stringify(text)})`);
    const found = `state.replies.find((r) => r.id === ${id})`;
    await until(`an answer to ${method}`, () => inPage(shell, `!!${found}`));
    return JSON.parse(await inPage<string>(shell, `JSON.stringify(${found})`));
  };
}
