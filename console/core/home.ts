// A console's home: which fleet it is, the keys its programs hold, and the embedded broker beside it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { digestSchema, idSchema, instantSchema } from '#shared/ids.ts';
import { brokerCredentials } from '#shared/node/brokers/embedded/credentials.ts';
import { openMachineKey } from '#shared/node/key-file.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import type { AddCredential } from './ports.ts';
import { type Reach, reachOf } from './reach.ts';

const fleetFileSchema = z.strictObject({
  fleet: idSchema,
  collector: idSchema,
  brokerUrl: z.string().max(500),
  /** SHA-256 of the PAE of trust version 1. */
  rootFingerprint: digestSchema,
  createdAt: instantSchema,
});
export type FleetFile = z.infer<typeof fleetFileSchema>;

/** Faults: HOME_MISSING, HOME_INVALID. */
export function loadFleet(home: string): Result<FleetFile> {
  const path = join(home, 'fleet.json');
  if (!existsSync(path)) {
    return err('HOME_MISSING', `${home} is not the home of a console`, {
      hint: 'make one with `muster init`',
    });
  }
  try {
    const parsed = fleetFileSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return ok(parsed.data);
    return err('HOME_INVALID', z.prettifyError(parsed.error), { at: path });
  } catch (error) {
    return err('HOME_INVALID', (error as Error).message, { at: path });
  }
}

export const databasePath = (home: string): string => join(home, 'console.db');

/** Keys of the console's programs; persons' keys are never opened here. Faults: KEY_FILE_*. */
export function openServiceKeys(
  home: string,
): Result<{ readonly relay: Signer; readonly enroller: Signer }> {
  const relay = openMachineKey(join(home, 'keys', 'relay.key'));
  if (!relay.ok) return relay;
  const enroller = openMachineKey(join(home, 'keys', 'enroller.key'));
  if (!enroller.ok) return enroller;
  return ok({ relay: relay.value, enroller: enroller.value });
}

export interface CredentialDesk {
  readonly add: AddCredential;
  readonly remove: (username: string) => void;
  /** How machines reach the broker; see reachOf. */
  readonly reach: (own: string, named: string | undefined) => Result<Reach>;
  readonly close: () => void;
}

/** Credentials of the embedded broker; where the home has none, nothing is added and machines get none. */
export function openCredentialDesk(home: string): CredentialDesk {
  const directory = join(home, 'broker');
  const reach: CredentialDesk['reach'] = (own, named) => reachOf(home, own, named);
  if (!existsSync(directory)) {
    return { add: () => null, remove: () => undefined, reach, close: () => undefined };
  }
  const credentials = brokerCredentials(directory);
  return {
    add: (username, role) => credentials.add(username, role),
    remove: (username) => void credentials.remove(username),
    reach,
    close: () => credentials.close(),
  };
}
