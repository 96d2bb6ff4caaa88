// What this machine says of itself. Read once at start; no authority follows from any of it.
import { readFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { sha256Hex } from '#shared/node/sha256.ts';
import type { Facts } from '#shared/trust/documents.ts';
import { VERSION } from './config.ts';

export const readFacts = (): Facts => ({
  hostname: hostname().slice(0, 255),
  platform: process.platform,
  arch: process.arch,
  version: VERSION,
  tzdata: process.versions.tz ?? 'unknown',
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
});

/** Names one start of the machine; `nowAt` is only used where the system gives no such name. */
export function readBootId(nowAt: number): string {
  const known = readText('/proc/sys/kernel/random/boot_id');
  if (known) return known;
  // To ten seconds: the same for every process of one start.
  return `up-${Math.round((nowAt - uptime() * 1_000) / 10_000)}`;
}

/** Hash of what this machine is, so that a copied data directory shows. */
export function readBinding(fleet: string): string {
  const id = readText('/etc/machine-id') ?? readText('/var/lib/dbus/machine-id') ?? hostname();
  return sha256Hex(`muster-binding.v1\0${fleet}\0${process.platform}\0${id}`);
}

/** systemd's time service leaves this mark once the clock has been set by it. */
export const readClockState = (): 'trusted' | 'unknown' =>
  readText('/run/systemd/timesync/synchronized') === undefined ? 'unknown' : 'trusted';

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
