// `muster-agent explain`: which rule of the local policy allows or vetoes one installed job.
import { existsSync } from 'node:fs';
import { haltFault, loadPolicy, vetJob } from '#agent/policy/policy.ts';
import type { Policy } from '#agent/policy/rules.ts';
import { describeJob, toLaunch } from '#shared/jobs.ts';
import { err, type Fault, type Result } from '#shared/result.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { type Look, openLook } from './look.ts';
import { policyPath } from './policy-path.ts';
import { EXIT, fail, paintOf, printable, sayJson, table, type World } from './terminal.ts';

export interface ExplainFlags {
  readonly data?: string;
  readonly json?: boolean;
}

export async function explain(world: World, key: string, flags: ExplainFlags): Promise<number> {
  const json = flags.json === true;
  const look = openLook(world, flags.data);
  if (!look.ok) return fail(world, look.fault, json);
  try {
    const spec = look.value.store.schedules.byKey(key)?.spec;
    if (!spec) return fail(world, unknown(look.value, key), json);
    const path = policyPath(look.value.data);
    const policy = loadPolicy(path, world.uid).result;
    const verdict = judge(look.value, policy, spec, world.uid);
    const rules = policy.ok ? rulesFor(policy.value, spec) : [];
    if (json) {
      const fault = verdict.ok ? null : verdict.fault;
      sayJson(world, { schedule: key, allowed: verdict.ok, policy: path, fault, rules });
    } else {
      const { green, red } = paintOf(world);
      world.out(`${printable(describeJob(spec.job))}\n`);
      world.out(verdict.ok ? green('allowed\n') : red(`vetoed: ${verdict.fault.code}\n`));
      if (!verdict.ok) world.out(`${reason(verdict.fault, path)}\n`);
      world.out(table(rules.map(({ rule, value }) => [rule, value])));
    }
    return verdict.ok ? EXIT.ok : EXIT.failed;
  } finally {
    look.value.store.close();
  }
}

function judge(look: Look, policy: Result<Policy>, spec: Schedule, uid: number): Result<void> {
  const halt = look.data.halts.find((file) => existsSync(file));
  if (halt !== undefined) return haltFault(halt);
  if (!policy.ok) return policy;
  const usage = { running: look.store.runs.activeCount(), lastHour: 0 };
  const job = { schedule: spec, launch: toLaunch(spec.job), runAs: 'self' };
  return vetJob(policy.value, job, usage, uid);
}

/** The rules that bear on this job, as they stand in the file. */
function rulesFor(policy: Policy, spec: Schedule): { rule: string; value: string }[] {
  const shown: (keyof Policy)[] = [
    'runAs',
    ...(spec.job.kind === 'shell' ? (['shell'] as const) : []),
    'executables',
    'directories',
    ...(spec.job.env ? (['refuseEnv'] as const) : []),
    'maxTimeoutMs',
    'maxOutputBytes',
    'maxParallel',
    'maxRunsPerHour',
  ];
  return shown
    .filter((rule) => policy[rule] !== undefined)
    .map((rule) => ({ rule, value: JSON.stringify(policy[rule]) }));
}

const reason = ({ message, at, hint }: Fault, path: string): string =>
  printable(`${message}${at ? `\nrule ${at} of ${path}` : ''}${hint ? `\n${hint}` : ''}`);

function unknown({ store }: Look, key: string): Fault {
  const names = [...store.schedules.all()].slice(0, 5).map((row) => row.key);
  return err('SCHEDULE_UNKNOWN', `no schedule ${key} is installed here`, {
    hint: names.length > 0 ? `installed: ${names.join(', ')}` : 'none is installed yet',
  }).fault;
}
