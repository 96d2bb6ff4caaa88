// JSON lines out of a byte stream, with a limit: a peer that never ends its line cannot fill the memory.

export interface LineReader {
  /** Takes bytes as they come; false once a line was too long, after which nothing more is read. */
  readonly take: (chunk: Buffer) => boolean;
}

/** Calls `onLine` with each line without its end; empty lines are passed over. */
export function lineReader(maxBytes: number, onLine: (line: string) => void): LineReader {
  let parts: Buffer[] = [];
  let length = 0;
  return {
    take: (chunk) => {
      let rest = chunk;
      for (;;) {
        const end = rest.indexOf(0x0a);
        const piece = end < 0 ? rest : rest.subarray(0, end);
        length += piece.length;
        if (length > maxBytes) return false;
        parts.push(piece);
        if (end < 0) return true;
        const line = Buffer.concat(parts).toString('utf8').trim();
        parts = [];
        length = 0;
        rest = rest.subarray(end + 1);
        if (line !== '') onLine(line);
      }
    },
  };
}
