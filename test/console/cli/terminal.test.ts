// Questions on a real terminal: a passphrase is asked twice and never shown, a confirmation is a plain yes.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { requireTool } from '#test/support/require-tool.ts';

const PROMPTS = fileURLToPath(new URL('../../../console/cli/prompt.ts', import.meta.url));
const PASSPHRASES = fileURLToPath(new URL('../../../console/cli/passphrase.ts', import.meta.url));
const hasScript = requireTool('script', 'apt-get install bsdutils');

/** Runs a line of JavaScript on a pseudo-terminal and types each answer once its question stands there. */
function converse(code: string, answers: readonly (readonly [RegExp, string])[]): Promise<string> {
  const command = `'${process.execPath}' --input-type=module -e '${code}'`;
  const { MUSTER_PASSPHRASE_FILE: _file, ...env } = process.env;
  const child = spawn('script', ['-qec', command, '/dev/null'], { env });
  let screen = '';
  let asked = 0;
  let from = 0;
  return new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      screen += chunk;
      const [question, answer] = answers[asked] ?? [/$^/, ''];
      const found = question.exec(screen.slice(from));
      if (!found) return;
      from += found.index + found[0].length;
      asked++;
      child.stdin.write(answer);
    });
    child.once('exit', () => resolve(screen.replaceAll('\r', '')));
  });
}

const askPassphrase = `
  import { readPassphrase } from "${PASSPHRASES}";
  const answer = await readPassphrase(undefined, "New passphrase", true);
  console.log("got " + (answer.ok ? answer.value.length : answer.fault.code));`;
const askConfirm = `
  import { confirm } from "${PROMPTS}";
  console.log("said " + await confirm("Sign?"));`;

describe.skipIf(!hasScript)('a passphrase on a terminal', () => {
  it('is asked twice and not shown; a backspace takes a letter back', async () => {
    const screen = await converse(askPassphrase, [
      [/New passphrase: /, 'secrex\u007ft\r'],
      [/Again: /, 'secret\r'],
    ]);
    expect(screen).toContain('got 6');
    expect(screen).not.toContain('secre');
  });

  it('two that differ are refused', async () => {
    const screen = await converse(askPassphrase, [
      [/New passphrase: /, 'secret\r'],
      [/Again: /, 'secrez\r'],
    ]);
    expect(screen).toContain('got PASSPHRASE_MISMATCH');
  });

  it('Ctrl-C gives up', async () => {
    expect(await converse(askPassphrase, [[/New passphrase: /, '\u0003']])).toContain(
      'got CANCELLED',
    );
  });
});

describe.skipIf(!hasScript)('a confirmation', () => {
  it.each([
    ['y\r', true],
    ['yes\r', true],
    ['\r', false],
    ['yep\r', false],
    ['\u0003', false],
    ['\u0004', false],
  ])('%j is %s', async (typed, expected) => {
    expect(await converse(askConfirm, [[/\[y\/N\] /, typed]])).toContain(`said ${expected}`);
  });

  it('is followed by the passphrase on the same terminal', async () => {
    const screen = await converse(`${askConfirm}\n${askPassphrase}`, [
      [/\[y\/N\] /, 'y\r'],
      [/New passphrase: /, 'secret\r'],
      [/Again: /, 'secret\r'],
    ]);
    expect(screen).toContain('said true');
    expect(screen).toContain('got 6');
  });
});
