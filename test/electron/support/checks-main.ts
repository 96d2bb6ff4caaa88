// What the main process does for whom: senders, arguments, the outside world, and signing (U1, U2, U3).
import { expect } from 'vitest';
import { CONFIRM_CHANNELS, CONSOLE_CHANNELS } from '#console/electron/channels.ts';
import {
  agree,
  answerOf,
  askAs,
  askToSign,
  type Check,
  CONFIRM,
  connected,
  hasConfirmation,
  inFile,
  inMain,
  refuse,
} from './check.ts';
import { inPage, type Shell, until } from './shell.ts';
import { documentWith, PASSPHRASE } from './stub-core.ts';

const OWN_FRAME = { url: 'app://console/index.html', parent: null };
const STRANGERS = [
  null,
  { url: 'https://elsewhere.invalid/', parent: null },
  { url: 'app://console.elsewhere.invalid/', parent: null },
  { url: 'app://elsewhere@console/', parent: null },
  { url: 'app://confirm/confirm.html', parent: null },
  { url: 'about:srcdoc', parent: {} },
  { url: 'app://console/index.html', parent: {} },
];
const ASKED: readonly (readonly [string, readonly unknown[]])[] = [
  [CONSOLE_CHANNELS.connect, []],
  [CONSOLE_CHANNELS.sign, ['P-1']],
  [CONSOLE_CHANNELS.lock, []],
  [CONSOLE_CHANNELS.choosePlace, [{ kind: 'this-machine' }]],
  [CONSOLE_CHANNELS.openExternal, ['https://www.iana.org/']],
  [CONSOLE_CHANNELS.notify, ['title', 'body', null]],
];

const ipc: readonly Check[] = [
  {
    name: 'IPC sender: no frame, foreign, look-alike and inner frames are refused on every channel',
    run: async ({ shell }) => {
      for (const [channel, args] of ASKED) {
        for (const frame of STRANGERS) {
          expect(await askAs(shell, channel, frame, args), `${channel} ${frame?.url}`).toBe(
            'SENDER',
          );
        }
      }
      const read = await askAs(shell, CONFIRM_CHANNELS.read, OWN_FRAME, []);
      expect(read).toBe('SENDER');
    },
    faults: [
      inMain('check removed', [/if \(!isPageOf\(.*\n?.*\);/, '']),
      inMain('null frame let through', [
        'frame !== null && frame.parent',
        'frame === null || frame.parent',
      ]),
      inMain('inner frames let through', ['frame.parent === null && ', '']),
      inMain('origin by prefix', [
        'appOrigin(frame.url) === origin',
        'frame.url.startsWith(origin)',
      ]),
    ],
  },
  {
    name: 'IPC arguments: what does not parse is refused',
    run: async ({ shell }) => {
      const wrong: readonly (readonly [string, readonly unknown[]])[] = [
        [CONSOLE_CHANNELS.sign, ['../P-1']],
        [CONSOLE_CHANNELS.sign, [{ toString: 'P-1' }]],
        [CONSOLE_CHANNELS.sign, ['P-1', 'P-2']],
        [CONSOLE_CHANNELS.openExternal, [17]],
        [
          CONSOLE_CHANNELS.choosePlace,
          [{ kind: 'server', url: 'https://a.invalid', token: 'a b' }],
        ],
        [CONSOLE_CHANNELS.notify, ['title', 'body', '../../etc']],
      ];
      for (const [channel, args] of wrong) {
        expect(await askAs(shell, channel, OWN_FRAME, args), channel).toBe('ARGUMENTS');
      }
    },
    faults: [
      inMain('not parsed', [
        'const parsed = schema.safeParse(args);',
        'const parsed = { success: true, data: args };',
      ]),
    ],
  },
  {
    name: 'preload: named functions only, nothing of Electron',
    run: async ({ shell }) => {
      const names = await inPage<string>(shell, 'Object.keys(window.muster).sort().join()');
      expect(names).toBe('choosePlace,connect,lock,notify,onOpenRun,openExternal,place,sign');
      const kinds =
        "Object.entries(window.muster).filter(([, v]) => typeof v !== 'function').map(([k]) => k).join()";
      expect(await inPage(shell, kinds)).toBe('place');
    },
    faults: [
      inFile('console-preload.cjs', 'ipcRenderer handed to the page', [
        'const api = {',
        'const api = { send: (...args) => electron.ipcRenderer.invoke(...args),',
      ]),
    ],
  },
  {
    name: 'preload: a port to the core is posted to a named origin',
    run: async ({ shell }) => {
      await connected(shell);
      await inPage(
        shell,
        `state.replies.length = 0; state.port.postMessage(JSON.stringify({ id: 1, method: 'core.status', params: {} }))`,
      );
      await until('an answer of the core', () => inPage(shell, 'state.replies[0]?.ok === true'));
    },
    // A star is what the double refuses; on a real Electron the origin is seen in the bundle only.
    faults: [
      inFile('console-preload.cjs', 'any origin', ['}, CONSOLE_ORIGIN, [', "}, '*', ["]),
      inFile('console-preload.cjs', 'another origin', [
        '}, CONSOLE_ORIGIN, [',
        "}, 'app://confirm', [",
      ]),
    ],
  },
];

const open = (shell: Shell, address: string): Promise<boolean> =>
  inPage(shell, `window.muster.openExternal(${JSON.stringify(address)}).then((a) => a.ok)`);

const outside: readonly Check[] = [
  {
    name: 'openExternal: parsed https on the list, nothing else',
    onlyDouble: true,
    run: async ({ shell }) => {
      for (const address of [
        ...['file:///etc/passwd', 'javascript:alert(1)', 'http://www.iana.org/', 'smb://host/x'],
        ...['https://elsewhere.invalid/', 'https://www.iana.org.elsewhere.invalid/'],
        ...[
          'https://www.iana.org@elsewhere.invalid/',
          'https://user@www.iana.org/',
          'www.iana.org',
        ],
      ]) {
        expect(await open(shell, address), address).toBe(false);
      }
      expect(await open(shell, 'https://www.iana.org/time-zones')).toBe(true);
      expect(await shell.main(({ seen }) => seen.opened)).toEqual([
        'https://www.iana.org/time-zones',
      ]);
    },
    faults: [
      inMain('any https', [' || !SITES.has(url.hostname)', '']),
      inMain('any scheme', ['url?.protocol !== "https:"', '!url']),
      inMain('names in the address', [
        /if \(url\.username !== "" \|\| url\.password !== "" \|\| url\.port !== ""\) return void 0;\s*return url\.href;/,
        'return url.href;',
      ]),
    ],
  },
  {
    name: 'another server: chosen in a dialog of the main process, never by the page alone',
    onlyDouble: true,
    run: async ({ shell }) => {
      const choose = (url: string): Promise<string> =>
        inPage(
          shell,
          `window.muster.choosePlace({ kind: 'server', url: '${url}', token: 'abc' }).then((a) => a.fault?.code ?? 'moved')`,
        );
      expect(await choose('http://elsewhere.invalid')).toBe('SERVER_URL');
      expect(await choose('https://elsewhere.invalid')).toBe('CANCELLED');
      expect(await shell.main(({ seen }) => seen.questions.length)).toBe(1);
    },
    faults: [
      inMain('not asked', ['if (response !== 1) return', 'if (false) return']),
      inMain('token over plain http', [
        'url.protocol === "http:" && loopback',
        'url.protocol === "http:"',
      ]),
    ],
  },
  {
    name: 'U1 notifications show inert text, and not a storm of them',
    onlyDouble: true,
    run: async ({ shell }) => {
      await inPage(
        shell,
        "(async () => { for (let i = 0; i < 9; i++) await window.muster.notify('a\\u202eb\\u001b[31m', '<img src=x>', null); })()",
      );
      const notices = await shell.main<readonly { title: string; body: string }[]>(({ seen }) =>
        seen.notices.map(({ title, body }: { title: string; body: string }) => ({ title, body })),
      );
      expect(notices).toHaveLength(5);
      expect(notices[0]).toEqual({ title: 'a\\u{202e}b\\u{1b}[31m', body: '<img src=x>' });
    },
    faults: [
      inMain('not escaped', ['title: inert(title)', 'title: title']),
      inMain('no limit', ['if (shownAtMs.length >= MOST)', 'if (false)']),
    ],
  },
];

const HOSTILE = [
  'sh',
  '-c',
  'echo "<img src=x onerror=alert(1)>"',
  'x\u202egpj.exe',
  '=cmd|calc',
  '\u001b[2J',
];

const signing: readonly Check[] = [
  {
    name: 'U2 a page that calls sign gets nothing without the confirmation of the main process',
    run: async ({ shell, core }) => {
      core.signed.clear();
      core.proposals.set('P-2', [documentWith(['echo', 'two'])]);
      await askToSign(shell, 'P-2');
      // The page under attack tries every way it has while the window stands.
      const again = await inPage<string>(shell, "window.muster.sign('P-2').then((a) => a.message)");
      expect(again).toContain('another confirmation');
      const forged = await askAs(shell, CONFIRM_CHANNELS.answer, OWN_FRAME, [
        { agree: true, person: 'anna', passphrase: PASSPHRASE },
      ]);
      expect(forged).toBe('SENDER');
      expect(core.signed.size).toBe(0);
      await refuse(shell);
      expect(await answerOf(shell)).toMatchObject({ signed: false });
      expect(core.signed.size).toBe(0);
      await until(
        'the window is gone',
        async () => !(await hasConfirmation(shell).catch(() => false)),
      );
    },
    faults: [
      inMain('signs without asking', [
        'const signer = await context.confirm(view, ({ person, passphrase }) => locker.open(person, passphrase));',
        `const signer = locker.open('anna', ${JSON.stringify(PASSPHRASE)}).value;`,
      ]),
      inMain('refusal is agreement', [
        'if (!given.agree) {',
        `if (!given.agree) { asked.done(asked.attempt({ person: 'anna', passphrase: ${JSON.stringify(PASSPHRASE)} }).value);`,
      ]),
      inMain('the console may answer', [
        'answer(CONFIRM_CHANNELS.answer, CONFIRM_ORIGIN,',
        'answer(CONFIRM_CHANNELS.answer, CONSOLE_ORIGIN,',
      ]),
    ],
  },
  {
    name: 'U3 the confirmation is made from the bytes that are signed, with their digest',
    run: async ({ shell, core }) => {
      core.signed.clear();
      const honest = documentWith(['echo', 'three']);
      core.proposals.set('P-3', [honest]);
      await askToSign(shell, 'P-3');
      const text = await inPage<string>(shell, 'document.body.innerText', CONFIRM);
      expect(text).toContain('echo three');
      expect(text).toContain('2 machines');
      expect(text).toContain(honest.docId);
      // What the core said of the document is nowhere.
      expect(text).not.toContain('harmless');
      await agree(shell, 'wrong');
      await until('it says so', () =>
        inPage(shell, "document.getElementById('fault').textContent !== ''", CONFIRM),
      );
      expect(core.signed.size).toBe(0);
      await agree(shell, PASSPHRASE);
      const answer = await answerOf(shell);
      expect(answer.signed).toBe(true);
      const [envelope] = core.signed.get('P-3') ?? [];
      const payload = Buffer.from(JSON.parse(envelope ?? '{}').payload, 'base64').toString();
      expect(payload).toBe(honest.payload);
      // Another document under an honest id.
      core.proposals.set('P-4', [{ ...documentWith(['rm', '-rf', '/']), docId: honest.docId }]);
      await inPage(
        shell,
        "state.answer = null; void window.muster.sign('P-4').then((a) => { state.answer = a; })",
      );
      expect((await answerOf(shell)).message).toContain('DIGEST');
      expect(core.signed.has('P-4')).toBe(false);
    },
    faults: [
      inMain('what the core says is shown', [
        'for (const { kind, payload, docId } of documents) {\n\t\tconst lines = describePayload(kind, payload);',
        'for (const { kind, payload, docId } of documents) {\n\t\tconst lines = ok(["harmless, really"]);',
      ]),
      inMain(
        'digest not compared',
        ['if (digest !== docId)', 'if (false)'],
        [/if \(idOfBytes\(\{[^)]*\}\) !== docId\)/, 'if (false)'],
      ),
      inMain('digest of the core shown', ['\t\t\tdigest,\n', '\t\t\tdigest: "0".repeat(64),\n']),
    ],
  },
  {
    name: 'U1 hostile names and arguments are inert text in the confirmation',
    run: async ({ shell, core }) => {
      core.proposals.set('P-5', [documentWith(HOSTILE)]);
      await askToSign(shell, 'P-5');
      const text = await inPage<string>(shell, 'document.body.innerText', CONFIRM);
      const elements = await inPage(shell, "document.querySelectorAll('img').length", CONFIRM);
      await refuse(shell);
      await answerOf(shell);
      expect(elements).toBe(0);
      expect(text).toContain('<img src=x onerror=alert(1)>');
      expect(text).toContain('x\\u{202e}gpj.exe');
      expect(text.includes('\u202e') || text.includes('\u001b')).toBe(false);
    },
    faults: [
      inFile('pages/confirm.js', 'shown as HTML', [
        'element.textContent = text',
        'element.innerHTML = text',
      ]),
      inMain('not escaped', [
        'scheduleLines(schedule.data).map(inert)',
        'scheduleLines(schedule.data)',
      ]),
    ],
  },
  {
    name: 'keys: unlocked for some minutes for the confirmation only, locked at once when asked',
    run: async ({ shell, core }) => {
      core.proposals.set('P-6', [documentWith(['echo', 'six'])]);
      await askToSign(shell, 'P-6');
      await agree(shell, PASSPHRASE);
      expect(await answerOf(shell)).toMatchObject({ signed: true });
      const secret = "document.getElementById('secret').hidden";
      await askToSign(shell, 'P-6');
      expect(await inPage(shell, secret, CONFIRM)).toBe(true);
      await refuse(shell);
      await answerOf(shell);
      await inPage(shell, 'window.muster.lock()');
      await askToSign(shell, 'P-6');
      expect(await inPage(shell, secret, CONFIRM)).toBe(false);
      await refuse(shell);
      await answerOf(shell);
      // Nothing of it ever was in the page.
      expect(await inPage(shell, 'JSON.stringify(state)')).not.toContain(PASSPHRASE);
    },
    faults: [inMain('lock does nothing', ['held = void 0;', ''])],
  },
];

export const mainChecks: readonly Check[] = [...ipc, ...outside, ...signing];
