// Where an agent keeps its things, and which version and capabilities it states.
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });

export const VERSION: string = packageSchema.parse(
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')),
).version;
/** What documents may ask of this agent; a document that needs more is refused with CAPABILITY. */
export const CAPABILITIES: readonly string[] = [
  'job-exec',
  'job-shell',
  'trigger-at',
  'trigger-every',
  'trigger-cron',
  'catch-up',
  'retry',
  'splay',
  'tail',
];

/** A policy the machine's owner keeps outside the data directory; where it exists, it is the one that counts. */
export const SYSTEM_POLICY = '/etc/muster/policy.yaml';

export interface DataDirectory {
  readonly root: string;
  readonly database: string;
  readonly identity: string;
  readonly signKey: string;
  readonly sealKey: string;
  readonly marks: string;
  readonly lock: string;
  readonly policy: string;
  /** Beside either policy: the agent's own user and the machine's owner can both stop it. */
  readonly halts: readonly string[];
  readonly launch: string;
}

/** The layout below one data directory; a relative path is made absolute. */
export function dataDirectory(path: string): DataDirectory {
  const root = isAbsolute(path) ? path : resolve(path);
  return {
    root,
    database: join(root, 'agent.db'),
    identity: join(root, 'identity.json'),
    signKey: join(root, 'sign.key'),
    sealKey: join(root, 'seal.key'),
    marks: join(root, 'marks.json'),
    lock: join(root, 'agent.lock'),
    policy: join(root, 'policy.yaml'),
    halts: [join(root, 'HALT'), join(dirname(SYSTEM_POLICY), 'HALT')],
    launch: join(root, 'launch'),
  };
}

/** `--data`, else MUSTER_AGENT_DATA, else the place the platform means for it. */
export function chooseData(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  isRoot: boolean,
): string {
  if (option !== undefined) return option;
  if (env.MUSTER_AGENT_DATA) return env.MUSTER_AGENT_DATA;
  if (isRoot) return '/var/lib/muster-agent';
  if (process.platform === 'win32') return join(env.PROGRAMDATA ?? 'C:\\ProgramData', 'Muster');
  return join(env.XDG_STATE_HOME ?? join(env.HOME ?? '.', '.local', 'state'), 'muster-agent');
}
