// The keyboard of the whole console: sequences (g f), chords (mod k), `/` for the filter, j and k for the list.
import { useEffect } from 'react';
import { allCommands } from './commands.ts';

const SEQUENCE_MS = 1_200;

export function useKeys(): void {
  useEffect(() => {
    let first: { readonly key: string; readonly at: number } | undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.altKey) return;
      const chord = event.ctrlKey || event.metaKey;
      if (chord) return runKeys(`mod ${event.key.toLowerCase()}`, event);
      if (isTyping(event.target) || document.querySelector('[role="dialog"]')) return;
      const waiting = first && event.timeStamp - first.at < SEQUENCE_MS ? first.key : undefined;
      first = undefined;
      if (waiting !== undefined) return runKeys(`${waiting} ${event.key}`, event);
      if (event.key === '/') return focusFirst('[data-filter]', event);
      if (event.key === 'j' || event.key === 'k') return focusFirst('main [data-list]', event);
      if (allCommands().some((command) => command.keys?.startsWith(`${event.key} `))) {
        first = { key: event.key, at: event.timeStamp };
        return;
      }
      runKeys(event.key, event);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}

function runKeys(keys: string, event: KeyboardEvent): void {
  // The newest owner wins: a screen may take a key over from the shell.
  const command = allCommands().findLast((it) => it.keys === keys);
  if (!command) return;
  event.preventDefault();
  command.run();
}

function focusFirst(selector: string, event: KeyboardEvent): void {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) return;
  event.preventDefault();
  found.focus();
  if (found instanceof HTMLInputElement) found.select();
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
