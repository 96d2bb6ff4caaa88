// Text from machines, files and brokers shown as inert text: no control, escape, bidi or invisible characters reach a terminal.

// Controls, line and paragraph separators, zero-width and bidi marks, the byte order mark, tags.
const ACTIVE =
  /[\p{Cc}\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Escapes what is not plainly visible as \u{…}. */
export const inert = (text: string): string =>
  text.replace(ACTIVE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);

/** The same for text of several lines: line ends and tabs stay. */
export const inertLines = (text: string): string =>
  text.replace(ACTIVE, (char) => (char === '\n' || char === '\t' ? char : inert(char)));
