// The small files of a console's home, beside its database: which fleet it is, and how it reaches the broker.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { digestSchema, idSchema, instantSchema } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';

export const fleetFileSchema = z.strictObject({
  fleet: idSchema,
  collector: idSchema,
  /** As this console reaches it; without credentials. */
  brokerUrl: z.string().max(500),
  /** SHA-256 of the PAE of trust version 1. */
  rootFingerprint: digestSchema,
  createdAt: instantSchema,
});
export type FleetFile = z.infer<typeof fleetFileSchema>;

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

/** Faults: HOME_MISSING, HOME_INVALID. */
export function readFleetFile(home: string): Result<FleetFile> {
  if (!existsSync(fleetFile(home))) {
    return err('HOME_MISSING', `${home} is not the home of a console`, {
      hint: 'make one with `muster init`, or name it with --home or MUSTER_HOME',
    });
  }
  return read(fleetFile(home), fleetFileSchema);
}

/** The console's own way into the broker; undefined where none is needed. Fault: HOME_INVALID. */
export const readBrokerFile = (home: string): Result<BrokerFile | undefined> =>
  existsSync(brokerFile(home)) ? read(brokerFile(home), brokerFileSchema) : ok(undefined);

function read<S extends z.ZodType>(path: string, schema: S): Result<z.output<S>> {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return err('HOME_INVALID', (error as Error).message, { at: path });
  }
  const parsed = schema.safeParse(text);
  if (parsed.success) return ok(parsed.data);
  return err('HOME_INVALID', z.prettifyError(parsed.error), {
    at: path,
    hint: 'restore it from a backup with `muster restore`',
  });
}
