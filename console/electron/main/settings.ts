// What the desktop remembers of itself: which core it speaks to and where its window was. Secrets are not in here.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { DEFAULT_WINDOW, windowStateSchema } from './window-state.ts';

const settingsSchema = z.object({
  place: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('this-machine') }),
      z.strictObject({ kind: z.literal('server'), url: z.string().max(500) }),
    ])
    .catch({ kind: 'this-machine' })
    .default({ kind: 'this-machine' }),
  window: windowStateSchema.catch(DEFAULT_WINDOW).default(DEFAULT_WINDOW),
});
export type Settings = z.infer<typeof settingsSchema>;

/** What can be read of the file; defaults for the rest. */
export function loadSettings(path: string): Settings {
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return settingsSchema.parse({});
  }
}

/** A rename, so that a crash leaves the old file or the new one. */
export function saveSettings(path: string, settings: Settings): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
