// Everything the console's page may ask of the main process, on one page.
import { BrowserWindow, dialog, shell, type WebContents } from 'electron';
import { z } from 'zod';
import {
  CONSOLE_CHANNELS as ASK,
  CONSOLE_ORIGIN,
  type Outcome,
  type Target,
  TO_PAGE,
} from '#console/electron/channels.ts';
import { err, ok } from '#shared/result.ts';
import type { CoreHost } from './core-host.ts';
import { externalAddress } from './external.ts';
import { answer } from './ipc.ts';
import type { KeyLocker } from './key-locker.ts';
import { noticeBoard } from './notices.ts';
import { serverUrl } from './places.ts';
import type { SigningDesk } from './signing-desk.ts';

export interface AnswerContext {
  readonly host: CoreHost;
  readonly desk: SigningDesk;
  readonly locker: KeyLocker;
  /** Called for a page that is ready to show what a link asked for. */
  readonly onConnect: (contents: WebContents) => void;
  readonly openRun: (run: string) => void;
  readonly move: (target: Target) => Promise<void>;
}

const proposalSchema = z.string().regex(/^P-[1-9]\d{0,9}$/);
const runSchema = z.string().regex(/^[0-9a-f]{4,32}$/);
const targetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('this-machine') }),
  z.strictObject({
    kind: z.literal('server'),
    url: z.string().max(500),
    token: z.string().regex(/^[A-Za-z0-9_-]{1,200}$/),
  }),
]);

export function answerConsole(context: AnswerContext): void {
  const { desk, locker } = context;
  const notify = noticeBoard();
  const ends = new WeakMap<WebContents, () => void>();
  answer(ASK.connect, CONSOLE_ORIGIN, z.tuple([]), (_args, { sender }) => {
    ends.get(sender)?.();
    ends.set(sender, wantFor(context.host, sender));
    context.onConnect(sender);
    return ok(undefined);
  });
  answer(ASK.sign, CONSOLE_ORIGIN, z.tuple([proposalSchema]), ([proposal]) => desk.sign(proposal));
  answer(ASK.lock, CONSOLE_ORIGIN, z.tuple([]), () => {
    locker.lock();
    return ok(undefined);
  });
  answer(ASK.choosePlace, CONSOLE_ORIGIN, z.tuple([targetSchema]), ([target], { sender }) =>
    choosePlace(context, target, BrowserWindow.fromWebContents(sender)),
  );
  answer(ASK.openExternal, CONSOLE_ORIGIN, z.tuple([z.string().max(2_000)]), async ([text]) => {
    const address = externalAddress(text);
    if (address === undefined) return err('EXTERNAL', 'this console does not open that address');
    await shell.openExternal(address);
    return ok(undefined);
  });
  const noticeSchema = z.tuple([z.string(), z.string(), runSchema.nullable()]);
  answer(ASK.notify, CONSOLE_ORIGIN, noticeSchema, ([title, body, run]) =>
    notify({ title, body }, () => run !== null && context.openRun(run)),
  );
}

function wantFor(host: CoreHost, contents: WebContents): () => void {
  const end = host.want({
    onPort: (port) => {
      if (contents.isDestroyed()) port.close();
      else contents.postMessage(TO_PAGE.port, null, [port]);
    },
    onGone: (fault) => {
      if (!contents.isDestroyed()) contents.send(TO_PAGE.gone, fault);
    },
  });
  contents.once('destroyed', end);
  return end;
}

/** A page under somebody's influence must not be able to point the console at a server of theirs: a person agrees first. */
async function choosePlace(
  context: AnswerContext,
  target: Target,
  window: BrowserWindow | null,
): Promise<Outcome> {
  const url = target.kind === 'server' ? serverUrl(target.url) : ok('');
  if (!url.ok) return url;
  const question = {
    type: 'question' as const,
    message:
      target.kind === 'server' ? `Connect this console to ${url.value}?` : 'Use this machine?',
    detail: 'Everything this console shows comes from there, and proposals are signed for it.',
    buttons: ['Cancel', 'Connect'],
    defaultId: 0,
    cancelId: 0,
  };
  const { response } = await (window
    ? dialog.showMessageBox(window, question)
    : dialog.showMessageBox(question));
  if (response !== 1) return err('CANCELLED', 'not confirmed; nothing was changed');
  await context.move(target.kind === 'server' ? { ...target, url: url.value } : target);
  return ok(undefined);
}
