// `muster restore`: a home from a backup.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { restoreHome } from '#console/setup/restore.ts';
import { ok } from '#shared/result.ts';
import { act, verbCommand } from './verb.ts';

/** Refuses a home that is not empty, and a backup that is not whole. */
export function restoreCommand(): Command {
  const command = verbCommand('restore', "Make a console's home from a backup.", [
    'restore /mnt/usb/muster-2026-03-29.tar.gz --home /srv/muster',
  ]).argument('<file>', 'what `muster backup` wrote');
  return act(command, z.object({}), async ({ home }, _options, [file = '']) => {
    const restored = await restoreHome(resolve(file), home);
    if (!restored.ok) return restored;
    const { fleet, createdAt, files } = restored.value;
    const lines = [
      `Fleet ${fleet} as of ${createdAt}: ${files} files in ${home}.`,
      'Start `muster serve` here, and nowhere else: machines send again what this home does not have yet.',
    ];
    return ok({ json: restored.value, lines });
  });
}
