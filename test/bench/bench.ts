// `npm run bench`: measures the figures of the list, each beside its reference, and writes docs/benchmarks.md.
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import type { Figure } from './figure.ts';
import { FIGURES } from './figures.ts';
import { openLab } from './lab/lab.ts';
import { judge, type Verdict } from './measure.ts';
import { json, machineFacts, markdown, verdictText } from './report.ts';

const PAGE = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
const REPEATS = 5;
const QUICK_REPEATS = 2;

interface Flags {
  readonly only?: string;
  readonly quick?: true;
  readonly json?: true;
  readonly dir: string;
}

const HELP = `
Examples:
  npm run bench
  npm run bench -- --only P2,P9
  npm run bench -- --quick --json

Each figure is measured in turn with a reference on the same machine; the ratio decides. A whole run takes about
eight minutes, a quick one two. Only a whole run writes docs/benchmarks.md: neither --quick nor --only does.
Exit codes: 0 measured, whether goals are met or not; 1 something could not be measured; 2 wrong usage.`;

const command = new Command('bench')
  .description('Measures Muster beside references of the same run.')
  .option('--only <ids>', `figures to measure: ${FIGURES.map(({ id }) => id).join(',')}`)
  .option(
    '--quick',
    `${QUICK_REPEATS} short repeats instead of ${REPEATS}: a look, not a measurement`,
  )
  .option('--json', 'result as JSON on standard output')
  .addOption(
    new Option('--dir <directory>', 'where to make temporary files: a real disk').default(
      tmpdir(),
      'the system temporary directory',
    ),
  )
  .addHelpText('after', HELP)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(async (flags: Flags) => {
    process.exitCode = await bench(flags);
  });

const say = (text: string): void => {
  const seconds = Math.round(performance.now() / 1_000);
  process.stderr.write(`${String(seconds).padStart(4)} s  ${text}\n`);
};

async function bench(flags: Flags): Promise<number> {
  const chosen = choose(flags.only);
  if (!chosen) return 2;
  if (process.platform !== 'linux') {
    say('the figures read /proc, so they are measured on Linux only');
    return 1;
  }
  const quick = flags.quick === true;
  const repeats = quick ? QUICK_REPEATS : REPEATS;
  const lab = openLab({ quick, repeats, say, parent: realpathSync(flags.dir) });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void lab.close().then(() => process.exit(130)));
  }
  const verdicts: Verdict[] = [];
  const failed: { id: string; why: string }[] = [];
  try {
    for (const figure of chosen) {
      say(`${figure.id}  ${figure.name}`);
      try {
        const verdict = judge(figure, await figure.measure(lab));
        verdicts.push(verdict);
        if (!flags.json) process.stdout.write(`${verdictText(verdict)}\n\n`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        failed.push({ id: figure.id, why });
        say(`${figure.id} could not be measured: ${why}`);
      }
    }
  } finally {
    await lab.close();
  }
  const facts = {
    ...{ date: new Date().toISOString().slice(0, 10), quick, repeats, failed },
    seconds: performance.now() / 1_000,
    machine: machineFacts(fileSystemOf(flags.dir)),
  };
  if (flags.json) process.stdout.write(`${json(verdicts, facts)}\n`);
  if (!quick && flags.only === undefined) {
    mkdirSync(dirname(PAGE), { recursive: true });
    writeFileSync(PAGE, markdown(verdicts, facts));
    say('wrote docs/benchmarks.md');
  }
  return failed.length > 0 ? 1 : 0;
}

/** Undefined for an unknown id, which is told. */
function choose(only: string | undefined): readonly Figure[] | undefined {
  if (only === undefined) return FIGURES;
  const ids = only.split(',').map((id) => id.trim().toUpperCase());
  const unknown = ids.filter((id) => !FIGURES.some((figure) => figure.id === id));
  if (unknown.length === 0) return FIGURES.filter(({ id }) => ids.includes(id));
  const known = FIGURES.map(({ id }) => id).join(', ');
  process.stderr.write(`there is no figure ${unknown.join(', ')}; there are ${known}\n`);
  return undefined;
}

/** Name of the file system a path is on: a figure with fsync in it means little on a memory disk. */
function fileSystemOf(path: string): string {
  if (!existsSync('/proc/mounts')) return 'unknown file system';
  const real = realpathSync(path);
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const inside = mounts.filter(([, point = '\0']) =>
    `${real}/`.startsWith(point.endsWith('/') ? point : `${point}/`),
  );
  inside.sort(([, a = ''], [, b = '']) => a.length - b.length);
  return inside.at(-1)?.[2] ?? 'unknown file system';
}

await command.parseAsync();
