// npm run test:long: every suite at its full counts, and docs/reliability.md from what came of it.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const report = fileURLToPath(new URL('../docs/reliability.md', import.meta.url));
const vitest = fileURLToPath(new URL('../node_modules/.bin/vitest', import.meta.url));
const version = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  .version as string;

const startedAt = Date.now();
const child = spawn(
  vitest,
  ['run', '--testTimeout=1800000', '--hookTimeout=1800000', ...process.argv.slice(2)],
  {
    env: { ...process.env, MUSTER_LONG: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
let output = '';
child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
  output += chunk;
  process.stdout.write(chunk);
});
const code = await new Promise<number>((resolve) =>
  child.once('close', (exit) => resolve(exit ?? 1)),
);

const counts = [...new Set(output.split('\n').filter((line) => line.startsWith('LONG: ')))].map(
  (line) => `- ${line.slice(6)}`,
);
const summary = output
  .split('\n')
  .filter((line) => /^\s*(Test Files|Tests)\s/.test(line))
  .map((line) => line.trim());
writeFileSync(
  report,
  `# Reliability

What \`npm run test:long\` tried last, on Muster ${version}, ${new Date().toISOString().slice(0, 10)}, with ${availableParallelism()} shared cores, in ${Math.round((Date.now() - startedAt) / 60_000)} minutes: **${code === 0 ? 'all of it passed' : 'it failed'}**.

${counts.sort().join('\n')}

\`\`\`
${summary.join('\n')}
\`\`\`

Every check (\`npm run check\`) tries the same with smaller counts. What each suite holds is in its first line and in the numbered
clauses its test names cite.
`,
);
process.exitCode = code;
