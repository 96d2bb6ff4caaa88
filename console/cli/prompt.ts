// Questions on a terminal: a passphrase without echo, a yes or no. Never asked where nobody can answer.
import { createInterface } from 'node:readline/promises';

export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Asks y/N on stderr; anything but y or yes is no. Ends of input and Ctrl-C are no. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = new Promise<string>((resolve) => {
    terminal.once('close', () => resolve(''));
    terminal.once('SIGINT', () => terminal.close());
    terminal.question(`${question} [y/N] `).then(resolve, () => resolve(''));
  });
  const yes = /^y(es)?$/i.test((await answer).trim());
  terminal.close();
  return yes;
}

/** Reads a line without showing it; undefined when the person gave up (Ctrl-C, Ctrl-D). */
export function askHidden(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  // Echo goes off before the question stands there: who types at once is not shown either.
  stdin.setRawMode(true);
  stderr.write(question);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((resolve) => {
    let text = '';
    const end = (answer: string | undefined): void => {
      stdin.off('data', read);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      resolve(answer);
    };
    const read = (chunk: string): void => {
      for (const char of chunk) {
        const gaveUp = char === '\u0003' || (char === '\u0004' && text === '');
        if (gaveUp || char === '\r' || char === '\n') {
          end(gaveUp ? undefined : text);
          return;
        }
        if (char === '\u007f' || char === '\b') text = [...text].slice(0, -1).join('');
        else if (char >= ' ') text += char;
      }
    };
    stdin.on('data', read);
  });
}
