// Keys in a list: j k and arrows move, Home End Page jump, Enter opens. Focus stays on the list itself.
import { type KeyboardEvent, useState } from 'react';

export interface RowKeysInput {
  readonly count: number;
  readonly pageRows: number;
  /** Brings a row on screen. */
  readonly show: (index: number) => void;
  readonly open: (index: number) => void;
}
export interface RowKeys {
  /** -1: none yet. */
  readonly active: number;
  readonly setActive: (index: number) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  readonly onFocus: (event: { readonly target: unknown; readonly currentTarget: unknown }) => void;
}

export function useRowKeys({ count, pageRows, show, open }: RowKeysInput): RowKeys {
  const [active, setActive] = useState(-1);
  const current = Math.min(active, count - 1);
  const goTo = (index: number): void => {
    const next = Math.max(0, Math.min(count - 1, index));
    setActive(next);
    show(next);
  };
  const target = (key: string): number | undefined => {
    if (key === 'j' || key === 'ArrowDown') return current + 1;
    if (key === 'k' || key === 'ArrowUp') return current - 1;
    if (key === 'PageDown') return current + pageRows;
    if (key === 'PageUp') return current - pageRows;
    if (key === 'Home') return 0;
    return key === 'End' ? count - 1 : undefined;
  };
  return {
    active: current,
    setActive,
    onKeyDown: (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || count === 0) return;
      const next = target(event.key);
      // A link or a button inside keeps its own Enter.
      const opens = event.key === 'Enter' && event.target === event.currentTarget;
      if (next === undefined && !opens) return;
      event.preventDefault();
      if (next === undefined) open(current);
      else goTo(next);
    },
    onFocus: ({ target, currentTarget }) => {
      if (target === currentTarget && active < 0 && count > 0) setActive(0);
    },
  };
}
