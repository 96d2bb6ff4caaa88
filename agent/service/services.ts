// The list of service managers, and what each is asked for. Each only decides: files to write and commands to run, as data.
import { launchd } from './launchd.ts';
import { systemd } from './systemd.ts';
import { windows } from './windows.ts';

export interface ServiceRequest {
  /** Program and leading arguments that mean `muster-agent`; absolute paths. */
  readonly command: readonly string[];
  /** Data directory, absolute. */
  readonly data: string;
  /** User the agent and its jobs run as. */
  readonly user: string;
  /** A package brought the service's files and user. */
  readonly packaged: boolean;
  /** Of systemd, where that is what runs; 0 elsewhere. */
  readonly version: number;
}

export interface ServiceFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

export interface Command {
  readonly argv: readonly string[];
  /** Nothing to do for it: run only when this other command fails. */
  readonly unless?: readonly string[];
  /** Its failure is no failure: what it undoes may not be there. */
  readonly mayFail?: boolean;
}

export interface ServiceManager {
  readonly name: 'systemd' | 'launchd' | 'windows';
  /** What has been tried on the real system, for people. */
  readonly tested: boolean;
  /** Makes the user; before anything is written. */
  readonly prepare: (request: ServiceRequest) => readonly Command[];
  readonly files: (request: ServiceRequest) => readonly ServiceFile[];
  /** After the files: known to the system and started with it, not yet running. */
  readonly enable: (request: ServiceRequest) => readonly Command[];
  /** Starts it, or starts it anew. */
  readonly restart: (request: ServiceRequest) => readonly Command[];
  /** Stops and forgets it; before the files are removed. `purge`: jobs that still run are ended, too. */
  readonly disable: (request: ServiceRequest, purge: boolean) => readonly Command[];
  /** After the files are gone. */
  readonly forget: (request: ServiceRequest, purge: boolean) => readonly Command[];
}

export const SERVICES: Readonly<Record<string, ServiceManager>> = {
  linux: systemd,
  darwin: launchd,
  win32: windows,
};
