// `muster backup`: the console's home in one file.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { backupHome } from '#console/setup/backup.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { ok } from '#shared/result.ts';
import { act, verbCommand } from './verb.ts';

/** Works while a core runs. */
export function backupCommand(): Command {
  const command = verbCommand('backup', "Copy the console's home, keys included, into one file.", [
    'backup /mnt/usb/muster-2026-03-29.tar.gz',
  ]).argument('<file>', 'a new file, a .tar.gz');
  return act(command, z.object({}), async ({ home }, _options, [file = '']) => {
    const made = await backupHome(home, resolve(file), systemClock);
    if (!made.ok) return made;
    const { fleet, files, bytes } = made.value;
    const lines = [
      `Fleet ${fleet}: ${files} files in ${made.value.file} (${bytes} bytes).`,
      'It holds keys: the machine keys in it are not under a passphrase. Keep it where nobody else reads it.',
    ];
    return ok({ json: made.value, lines });
  });
}
