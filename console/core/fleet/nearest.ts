// Did you mean …? The known word nearest to one that is not.

const MAX_WORD = 64;

/** The nearest of `known`, ignoring case, `-` and `_`; undefined when none is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[_-]/g, '').slice(0, MAX_WORD);
  const limit = Math.max(1, Math.floor(Math.min(word.length, MAX_WORD) / 3));
  let best: { readonly candidate: string; readonly far: number } | undefined;
  for (const candidate of known) {
    const far = distance(plain(word), plain(candidate));
    if (far <= limit && far < (best?.far ?? Number.POSITIVE_INFINITY)) best = { candidate, far };
  }
  return best?.candidate;
}

/** Levenshtein's distance; words are short. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
