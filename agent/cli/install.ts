// `muster-agent install`: user, data directory, policy, service files; with a token also enrolment; then it runs.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { SYSTEM_POLICY } from '#agent/config.ts';
import { type PolicyTemplate, policyText } from '#agent/policy/templates.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { decodeJoinToken } from '#shared/trust/enrolment.ts';
import { openService, runCommands, type Service, type ServiceFlags } from './service.ts';
import { EXIT, fail, paintOf, type World } from './terminal.ts';

export interface InstallFlags extends ServiceFlags {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly name?: string;
  readonly policy: PolicyTemplate;
}

export async function install(world: World, flags: InstallFlags): Promise<number> {
  const service = openService(world, flags);
  if (!service.ok) return fail(world, service.fault, false);
  const done = setUp(world, service.value, flags);
  return done.ok ? EXIT.ok : fail(world, done.fault, false);
}

function setUp(world: World, service: Service, flags: InstallFlags): Result<void> {
  const { manager, request } = service;
  const isEnrolled = existsSync(join(request.data, 'identity.json'));
  const token = readToken(flags, isEnrolled);
  if (!token.ok) return token;
  const { green, yellow } = paintOf(world);
  if (!manager.tested) {
    world.err(yellow(`Installing by ${manager.name} has not been tried on a real machine yet.\n`));
  }
  const prepared = runCommands(manager.prepare(request));
  if (!prepared.ok) return prepared;
  const owner = ownerOf(request.user);
  if (!owner.ok) return owner;
  ownData(request.data, owner.value);
  writePolicy(flags.policy);
  for (const { path, text, mode } of manager.files(request)) writeWhole(path, text, mode);
  const enabled = runCommands(manager.enable(request));
  if (!enabled.ok) return enabled;
  if (token.value !== undefined) {
    const enrolled = enrolAs(owner.value, service, token.value, flags);
    if (!enrolled.ok) return enrolled;
  } else if (!isEnrolled) {
    world.out('Installed. It starts once it belongs to a fleet:\n');
    world.out('  muster-agent install --token TOKEN --name NAME\n');
    return ok(undefined);
  }
  const started = runCommands(manager.restart(request));
  if (!started.ok) return started;
  world.out(`${green('running')} as a service (${manager.name}), user ${request.user}\n`);
  return ok(undefined);
}

/** Undefined: none given. Faults: USAGE, ALREADY_ENROLLED, TOKEN_FILE and those of decodeJoinToken. */
function readToken(flags: InstallFlags, isEnrolled: boolean): Result<string | undefined> {
  const { token, tokenFile: file } = flags;
  if (token === undefined && file === undefined) return ok(undefined);
  if (token !== undefined && file !== undefined) {
    return err('USAGE', 'give --token or --token-file, not both');
  }
  if (isEnrolled) {
    return err('ALREADY_ENROLLED', 'this machine belongs to a fleet already', {
      hint: 'leave the token out to install only, or `muster-agent uninstall --purge` first',
    });
  }
  let text = token;
  try {
    text ??= readFileSync(file === '-' ? 0 : (file as string), 'utf8');
  } catch (error) {
    return err('TOKEN_FILE', `cannot read ${file}: ${(error as Error).message}`);
  }
  const decoded = decodeJoinToken(text);
  return decoded.ok ? ok(text.trim()) : decoded;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Windows gives rights by name, once the service is there. */
const NOBODY: Owner = { uid: -1, gid: -1 };

function ownerOf(user: string): Result<Owner> {
  if (process.platform === 'win32') return ok(NOBODY);
  const id = (what: string): number =>
    Number(spawnSync('id', [what, user], { encoding: 'utf8' }).stdout || Number.NaN);
  const [uid, gid] = [id('-u'), id('-g')];
  return Number.isInteger(uid) && Number.isInteger(gid)
    ? ok({ uid, gid })
    : err('USER_MISSING', `there is no user ${user}`);
}

/** A new directory, or one that another user enrolled: root tried `muster-agent enrol` first, say. */
function ownData(data: string, { uid, gid }: Owner): void {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (uid < 0 || statSync(data).uid === uid) return;
  chownSync(data, uid, gid);
  spawnSync('chown', ['-R', '-h', `${uid}:${gid}`, data]);
}

/** The machine's owner keeps it: neither a document nor the agent's own user can widen it. */
function writePolicy(template: PolicyTemplate): void {
  if (process.platform === 'win32' || existsSync(SYSTEM_POLICY)) return;
  writeWhole(SYSTEM_POLICY, policyText(template), 0o644);
}

/** The umask is strict here; these are for everybody to read. */
function writeWhole(path: string, text: string, mode: number): void {
  const directory = dirname(path);
  if (!existsSync(directory)) {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o755);
  }
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
}

/** As the agent's own user, so that every file is its own; the token goes by a pipe, never through argv. Fault: ENROL_FAILED. */
function enrolAs(owner: Owner, service: Service, token: string, flags: InstallFlags): Result<void> {
  const { command, data } = service.request;
  const [program = '', ...first] = command;
  const name = flags.name ?? ownName();
  const args = [
    ...first,
    'enrol',
    '--token-file',
    '-',
    '--name',
    name,
    '--data',
    data,
    '--policy',
    flags.policy,
  ];
  const ran = spawnSync(program, args, {
    input: `${token}\n`,
    stdio: ['pipe', 'ignore', 'inherit'],
    cwd: data,
    env: { PATH: '/usr/bin:/bin', HOME: data },
    ...(owner.uid < 0 ? {} : owner),
  });
  if (ran.status === 0) return ok(undefined);
  return err('ENROL_FAILED', `enrolling as ${name} did not work`, {
    hint: 'the reason stands above; the service is installed, so run the same command again',
  });
}

/** The host name as an id of the fleet. */
const ownName = (): string =>
  hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64) || 'machine';
