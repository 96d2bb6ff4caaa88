// `muster-agent doctor`: looks for what would keep this agent from its work, each finding with what to do about it.
import { chooseData, dataDirectory } from '#agent/config.ts';
import { CHECKS, type Finding } from './doctor/checks.ts';
import { readIdentity } from './enrolled.ts';
import { EXIT, paintOf, printable, sayJson, type World } from './terminal.ts';

export interface DoctorFlags {
  readonly data?: string;
  readonly json?: boolean;
}

export async function doctor(world: World, flags: DoctorFlags): Promise<number> {
  const data = dataDirectory(chooseData(flags.data, world.env, world.uid === 0));
  const read = readIdentity(data);
  const identity = read.ok ? read.value : undefined;
  const findings: { check: string; finding: Finding }[] = [];
  for (const [check, look] of Object.entries(CHECKS))
    findings.push({ check, finding: await look({ data, identity, uid: world.uid }) });
  const isWell = findings.every(({ finding }) => finding.is !== 'bad');
  if (flags.json) {
    const checks = findings.map(({ check, finding }) => ({ check, ...finding }));
    sayJson(world, { ok: isWell, checks });
  } else {
    const paint = paintOf(world);
    const marks = { good: paint.green('ok  '), odd: paint.yellow('warn'), bad: paint.red('FAIL') };
    for (const { check, finding } of findings) {
      world.out(`${marks[finding.is]}  ${check.padEnd(10)} ${printable(finding.detail)}\n`);
      if (finding.hint) world.out(`      ${paint.dim(`→ ${printable(finding.hint)}`)}\n`);
    }
  }
  return isWell ? EXIT.ok : EXIT.failed;
}
