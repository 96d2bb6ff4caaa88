// What install, uninstall and restart share: which service manager, what it is asked for, and running its commands.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { chooseData, dataDirectory } from '#agent/config.ts';
import {
  type Command,
  SERVICES,
  type ServiceManager,
  type ServiceRequest,
} from '#agent/service/services.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { World } from './terminal.ts';

export const DEFAULT_USER = 'muster';
/** Where the Debian package puts the agent and its unit. */
const PACKAGE_ROOT = '/usr/lib/muster-agent/';
const PACKAGE_UNIT = '/usr/lib/systemd/system/muster-agent.service';

export interface ServiceFlags {
  readonly data?: string;
  readonly user?: string;
}

export interface Service {
  readonly manager: ServiceManager;
  readonly request: ServiceRequest;
}

/** Faults: NEEDS_ROOT, NO_SERVICE_MANAGER, USAGE. */
export function openService(world: World, flags: ServiceFlags): Result<Service> {
  if (process.platform !== 'win32' && world.uid !== 0) {
    return err('NEEDS_ROOT', 'a service of the system is for its administrator to change', {
      hint: 'run the same command with sudo',
    });
  }
  const manager = SERVICES[process.platform];
  const version = process.platform === 'linux' ? systemdVersion() : 0;
  if (!manager || (process.platform === 'linux' && version === 0)) {
    return err('NO_SERVICE_MANAGER', 'neither systemd, launchd nor Windows services run here', {
      hint: 'let your own supervisor run `muster-agent run` and send SIGTERM to that process alone',
    });
  }
  const command = [process.execPath, realpathSync(process.argv[1] ?? '')];
  const packaged = (command[1] ?? '').startsWith(PACKAGE_ROOT) && existsSync(PACKAGE_UNIT);
  const data = dataDirectory(chooseData(flags.data, world.env, process.platform !== 'win32')).root;
  const user = flags.user ?? DEFAULT_USER;
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user)) return err('USAGE', `${user} is no name for a user`);
  if (packaged && (flags.data !== undefined || user !== DEFAULT_USER)) {
    return err('USAGE', 'the package has settled user and data directory', {
      hint: 'leave --user and --data out, or install from the tarball',
    });
  }
  return ok({ manager, request: { command, data, user, packaged, version } });
}

function systemdVersion(): number {
  if (!existsSync('/run/systemd/system')) return 0;
  const asked = spawnSync('systemctl', ['--version'], { encoding: 'utf8' });
  return Number(/^systemd (\d+)/.exec(asked.stdout ?? '')?.[1] ?? 0);
}

/** One after the other; the first that fails ends it. Fault: COMMAND_FAILED. */
export function runCommands(commands: readonly Command[]): Result<void> {
  for (const { argv, unless, mayFail } of commands) {
    if (unless && run(unless).status === 0) continue;
    const ran = run(argv);
    if (ran.status === 0 || mayFail) continue;
    const why = `${ran.stderr ?? ''}`.trim() || ran.error?.message || `exit code ${ran.status}`;
    return err('COMMAND_FAILED', `${argv.join(' ')}: ${why}`, {
      hint: 'mend that and run the same command again; what is done already does not hurt',
    });
  }
  return ok(undefined);
}

function run([program = '', ...args]: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
