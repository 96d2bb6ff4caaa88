// Output of jobs as inert text: colours dropped, every other control, bidi or invisible character shown by its code (U1).

/** A piece to be drawn as it is, or a character that must not act: its code point is shown instead. */
export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

// SGR only: it means colour and weight, nothing a person would miss. All other sequences are shown.
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC is what this is about.
const COLOURS = /\u001b\[[0-9;:]*m/g;
// Controls but tab and line feed, soft hyphen, bidi marks, zero width, fillers, byte order mark, tags.
const ACTIVE =
  /[\p{Cc}\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

/** `a\u202eb` → a, ‹U+202E›, b. CR before LF is part of the line end. */
export function inertPieces(output: string): readonly Piece[] {
  const plain = output.replace(COLOURS, '').replaceAll('\r\n', '\n');
  const pieces: Piece[] = [];
  let run = '';
  for (const char of plain) {
    if (char === '\n' || char === '\t' || !ACTIVE.test(char)) {
      run += char;
      continue;
    }
    if (run !== '') pieces.push({ text: run, marked: false });
    run = '';
    const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    pieces.push({ text: char === '\u001b' ? 'ESC' : `U+${code}`, marked: true });
  }
  if (run !== '') pieces.push({ text: run, marked: false });
  return pieces;
}

/** One line of text for names and sentences: marked characters become ‹U+202E›. */
export const inertLine = (text: string): string =>
  inertPieces(text.replaceAll('\n', ' '))
    .map((piece) => (piece.marked ? `‹${piece.text}›` : piece.text))
    .join('');
