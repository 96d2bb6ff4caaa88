// Where in the file a fault is: `at` is `file:line:column`.
import type { Fault } from '#shared/result.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

export function placeOf({ at }: Fault): Place | undefined {
  const found = /:(\d+):(\d+)$/.exec(at ?? '');
  return found ? { line: Number(found[1]), column: Number(found[2]) } : undefined;
}
