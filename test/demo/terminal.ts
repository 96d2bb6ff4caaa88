// What the demo prints: a story line by line, one live line on a terminal, a table at the end.
const tty = process.stdout.isTTY === true;
const colours = tty && process.env.NO_COLOR === undefined;
const paint = (code: number, text: string): string =>
  colours ? `\u001b[${code}m${text}\u001b[0m` : text;

export const bold = (text: string): string => paint(1, text);
export const dim = (text: string): string => paint(2, text);
export const green = (text: string): string => paint(32, text);
export const red = (text: string): string => paint(31, text);

const startedAt = Date.now();
const elapsed = (): string => `${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s`;
let live = '';
let lastPlainAt = 0;

/** A line of the story, above the live line. */
export function tell(text: string): void {
  if (live) process.stdout.write('\r\u001b[2K');
  process.stdout.write(`${dim(elapsed())}  ${text}\n`);
  if (live) process.stdout.write(live);
}

/** The live line; off a terminal it is a plain line every ten seconds. */
export function progress(text: string): void {
  if (tty) {
    live = `${dim(elapsed())}  ${text}`.slice(
      0,
      Math.max(20, (process.stdout.columns ?? 80) - 1 + 8),
    );
    process.stdout.write(`\r\u001b[2K${live}`);
  } else if (Date.now() - lastPlainAt > 10_000) {
    lastPlainAt = Date.now();
    process.stdout.write(`${elapsed()}  ${text}\n`);
  }
}

export function endProgress(): void {
  if (live) process.stdout.write('\r\u001b[2K');
  live = '';
}

/** Two columns, the second right-aligned. */
export function table(rows: readonly (readonly [string, number | string])[]): string {
  const left = Math.max(...rows.map(([name]) => name.length));
  const right = Math.max(...rows.map(([, value]) => String(value).length));
  return rows
    .map(([name, value]) => `  ${name.padEnd(left)}  ${String(value).padStart(right)}`)
    .join('\n');
}
