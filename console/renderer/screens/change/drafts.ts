// Edited files that are not published yet: kept in this browser's session, so that a reload or another screen loses nothing.
import { useSyncExternalStore } from 'react';

/** The draft of a stream that does not exist yet has the empty name. */
export const NEW = '';

const PREFIX = 'muster.draft.';
const listeners = new Set<() => void>();
let version = 0;

function changed(): void {
  version++;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const readDraft = (stream: string): string | undefined =>
  sessionStorage.getItem(PREFIX + stream) ?? undefined;

/** Undefined ends the draft. */
export function saveDraft(stream: string, text: string | undefined): void {
  if (text === undefined) sessionStorage.removeItem(PREFIX + stream);
  else sessionStorage.setItem(PREFIX + stream, text);
  changed();
}

/** Streams with a draft in this browser. */
export function useDraftNames(): readonly string[] {
  useSyncExternalStore(subscribe, () => version);
  return Object.keys(sessionStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length))
    .sort();
}

export const useDraft = (stream: string): string | undefined =>
  useSyncExternalStore(subscribe, () => readDraft(stream));
