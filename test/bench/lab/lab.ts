// The bench's own place: a temporary directory on a real disk, things made once, everything stopped and removed at the end.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface Lab {
  readonly quick: boolean;
  readonly repeats: number;
  readonly say: (text: string) => void;
  /** A new directory below the lab's own. */
  readonly directory: (name: string) => string;
  /** Made at the first call, shared by all figures after it. */
  readonly once: <T>(name: string, make: () => Promise<T>) => Promise<T>;
  /** Called at the end, the last one first. */
  readonly atEnd: (close: () => Promise<void>) => void;
  readonly close: () => Promise<void>;
}

export interface LabOptions {
  readonly quick: boolean;
  readonly repeats: number;
  readonly say: (text: string) => void;
  /** The directory to make the lab's own in. */
  readonly parent: string;
}

export function openLab({ quick, repeats, say, parent }: LabOptions): Lab {
  const root = mkdtempSync(join(parent, 'muster-bench-'));
  const made = new Map<string, Promise<unknown>>();
  const closers: (() => Promise<void>)[] = [];
  return {
    quick,
    repeats,
    say,
    directory: (name) => mkdtempSync(join(root, `${name}-`)),
    once: <T>(name: string, make: () => Promise<T>): Promise<T> => {
      const before = made.get(name) ?? make();
      made.set(name, before);
      return before as Promise<T>;
    },
    atEnd: (close) => void closers.push(close),
    close: async () => {
      for (const close of closers.reverse()) await close().catch(() => undefined);
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
