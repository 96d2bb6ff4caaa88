// ipcMain: handlers by channel, called with an event as Electron makes it.
import { strict } from './strict.ts';

type Handler = (event: object, ...args: unknown[]) => unknown;
const handlers = new Map<string, Handler>();

export const ipcMain = strict('ipcMain', {
  handle: (channel: string, handler: Handler): void => {
    if (handlers.has(channel)) throw new Error(`${channel} is handled already`);
    handlers.set(channel, handler);
  },
  /** As Electron names it: the suite speaks for frames that no honest page has. */
  _invokeHandlers: handlers,
});

export async function invokeFrom(
  from: { readonly sender: object; readonly senderFrame: object | null },
  channel: string,
  args: readonly unknown[],
): Promise<unknown> {
  const handler = handlers.get(channel);
  if (!handler) throw new Error(`nobody handles ${channel}`);
  return structuredClone(await handler(strict('IpcMainInvokeEvent', { ...from }), ...args));
}
