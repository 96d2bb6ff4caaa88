// What can be done now, by key and by name: screens add commands while they are shown; the palette and `?` read them.
import type { LucideIcon } from 'lucide-react';
import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  /** `g f` is a sequence; `mod k` is a chord; a single key works outside of text fields. */
  readonly keys?: string;
  readonly icon?: LucideIcon;
  readonly run: () => void;
}

const byOwner = new Map<object, readonly Command[]>();
const listeners = new Set<() => void>();
let all: readonly Command[] = [];

function changed(): void {
  all = [...byOwner.values()].flat();
  for (const listener of listeners) listener();
}

/** Offers commands while the calling component is mounted; `run` always sees the newest render. */
export function useCommands(commands: readonly Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  const shape = commands.map(({ id, title, keys }) => `${id}\t${title}\t${keys ?? ''}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for the commands; their closures are read late.
  useEffect(() => {
    const owner = {};
    byOwner.set(
      owner,
      latest.current.map((command) => ({
        ...command,
        run: () => latest.current.find(({ id }) => id === command.id)?.run(),
      })),
    );
    changed();
    return () => {
      byOwner.delete(owner);
      changed();
    };
  }, [shape]);
}

export const useAllCommands = (): readonly Command[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => all,
  );

export const allCommands = (): readonly Command[] => all;
