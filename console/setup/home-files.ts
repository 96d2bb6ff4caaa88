// Names of the files in a console's home that only setup and shells touch, and the console's own way into the broker.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { err, ok, type Result } from '#shared/result.ts';

export const brokerFileSchema = z.strictObject({
  username: z.string().min(1).max(200),
  password: z.string().max(200),
});
export type BrokerFile = z.infer<typeof brokerFileSchema>;

export const fleetFile = (home: string): string => join(home, 'fleet.json');
export const brokerFile = (home: string): string => join(home, 'keys', 'broker.json');
export const brokerDirectory = (home: string): string => join(home, 'broker');
export const personKeyFile = (home: string, person: string): string =>
  join(home, 'keys', `person-${person}.key`);

/** The console's own way into the broker; undefined where none is needed. Fault: HOME_INVALID. */
export function readBrokerFile(home: string): Result<BrokerFile | undefined> {
  const path = brokerFile(home);
  if (!existsSync(path)) return ok(undefined);
  const hint = 'restore it from a backup with `muster restore`';
  try {
    const parsed = brokerFileSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return ok(parsed.data);
    return err('HOME_INVALID', z.prettifyError(parsed.error), { at: path, hint });
  } catch (error) {
    return err('HOME_INVALID', (error as Error).message, { at: path, hint });
  }
}
