// A file's duration as milliseconds, near enough for a drawing; the core is the one that reads it strictly.
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** 0 for what is no duration. */
export function roughMs(text: unknown): number {
  if (typeof text !== 'string') return 0;
  const short = text
    .replace(/^P(?=\d|T)/, '')
    .replace('T', '')
    .toLowerCase();
  let sum = 0;
  for (const [, count, unit] of short.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    sum += Number(count) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return sum;
}
