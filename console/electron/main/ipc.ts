// The one way to answer a page: the sender is checked, the arguments are parsed, and only then is something done.
import { type IpcMainInvokeEvent, ipcMain } from 'electron';
import type { z } from 'zod';
import { err } from '#shared/result.ts';
import { isPageOf } from './origins.ts';

/** Answers `channel` for the page of `origin`; `schema` is a tuple of its arguments. Faults: SENDER, ARGUMENTS. */
export function answer<S extends z.ZodType>(
  channel: string,
  origin: string,
  schema: S,
  body: (args: z.output<S>, event: IpcMainInvokeEvent) => unknown,
): void {
  ipcMain.handle(channel, (event, ...args: unknown[]) => {
    if (!isPageOf(event.senderFrame, origin)) {
      return err('SENDER', 'this page may not ask that');
    }
    const parsed = schema.safeParse(args);
    if (!parsed.success) return err('ARGUMENTS', 'the page asked in a way nobody understands');
    return body(parsed.data, event);
  });
}
