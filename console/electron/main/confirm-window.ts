// The confirmation as a window of its own: its own session, its own origin, its own preload. The console's page cannot reach it.
import { BrowserWindow, session } from 'electron';
import { z } from 'zod';
import {
  CONFIRM_CHANNELS,
  CONFIRM_ORIGIN,
  type ConfirmationView,
  type Outcome,
} from '#console/electron/channels.ts';
import { err, ok } from '#shared/result.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import { serveApp } from './app-protocol.ts';
import { guardSession } from './guard.ts';
import { answer } from './ipc.ts';
import { confirmRoot, paths } from './paths.ts';
import type { Confirm } from './signing-desk.ts';
import { STRICT } from './strict.ts';

const PARTITION = 'confirm';
const TRIES = 3;

const agreementSchema = z.discriminatedUnion('agree', [
  z.strictObject({ agree: z.literal(false) }),
  z.strictObject({
    agree: z.literal(true),
    person: z.string().min(1).max(200),
    passphrase: z.string().max(4_096),
  }),
]);

interface Asked {
  readonly window: BrowserWindow;
  readonly view: ConfirmationView;
  readonly attempt: Parameters<Confirm>[1];
  readonly done: (signer: Signer | undefined) => void;
  tries: number;
}

/** Registers the channels once; the returned function opens one window at a time. */
export function confirmWindows(parent: () => BrowserWindow | undefined): Confirm {
  const own = session.fromPartition(PARTITION);
  guardSession(own);
  serveApp(own, confirmRoot);
  let asked: Asked | undefined;
  const isAsked = (contents: Electron.WebContents): Asked | undefined =>
    asked?.window.webContents === contents ? asked : undefined;
  answer(CONFIRM_CHANNELS.read, CONFIRM_ORIGIN, z.tuple([]), (_args, { sender }) => {
    return isAsked(sender)?.view ?? null;
  });
  answer(CONFIRM_CHANNELS.answer, CONFIRM_ORIGIN, z.tuple([agreementSchema]), (args, event) => {
    const now = isAsked(event.sender);
    return now ? settle(now, args[0]) : err('GONE', 'nothing is asked any more');
  });
  return (view, attempt) =>
    new Promise((resolve) => {
      const window = openWindow(parent());
      const done = (signer: Signer | undefined): void => {
        if (asked?.window !== window) return;
        asked = undefined;
        resolve(signer);
        if (!window.isDestroyed()) window.close();
      };
      asked = { window, view, attempt, done, tries: 0 };
      window.on('closed', () => done(undefined));
    });
}

function settle(asked: Asked, given: z.infer<typeof agreementSchema>): Outcome {
  if (!given.agree) {
    asked.done(undefined);
    return ok(undefined);
  }
  if (!asked.view.persons.includes(given.person)) return err('PERSON', 'that key is not here');
  const signer = asked.attempt(given);
  if (signer.ok) {
    asked.done(signer.value);
    return ok(undefined);
  }
  asked.tries++;
  if (asked.tries >= TRIES) asked.done(undefined);
  return signer;
}

function openWindow(parent: BrowserWindow | undefined): BrowserWindow {
  const window = new BrowserWindow({
    width: 640,
    height: 620,
    minWidth: 480,
    minHeight: 420,
    title: 'Sign · Muster',
    show: true,
    minimizable: false,
    fullscreenable: false,
    ...(parent ? { parent, modal: true } : {}),
    webPreferences: { ...STRICT, preload: paths.confirmPreload, partition: PARTITION },
  });
  window.removeMenu();
  void window.loadURL(`${CONFIRM_ORIGIN}/confirm.html`);
  return window;
}
