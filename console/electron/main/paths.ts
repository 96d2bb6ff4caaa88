// Where things are: beside the built main process, in the person's home, in Electron's directory for this program.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { app } from 'electron';
import { CONFIRM_ORIGIN, CONSOLE_ORIGIN } from '#console/electron/channels.ts';
import type { Roots } from './assets.ts';

// The bundle is one directory: main.mjs, the preloads, the processes and the pages.
const built = (name: string): string => join(import.meta.dirname, name);

export const paths = {
  corePreload: built('console-preload.cjs'),
  confirmPreload: built('confirm-preload.cjs'),
  coreProcess: built('core-process.mjs'),
  brokerProcess: built('broker-process.mjs'),
  icon: built('pages/icon.png'),
} as const;

/** Each session shows one host: the console's page cannot even ask for a file of the confirmation. */
export const consoleRoot: Roots = {
  [new URL(CONSOLE_ORIGIN).host]: resolve(import.meta.dirname, '../renderer'),
};
export const confirmRoot: Roots = { [new URL(CONFIRM_ORIGIN).host]: built('pages') };

/** As the CLI finds it: MUSTER_HOME, else ~/.muster. */
export const consoleHome = (): string =>
  resolve(process.env.MUSTER_HOME || join(homedir(), '.muster'));

export const ownFile = (name: string): string => join(app.getPath('userData'), name);
