// Edited files that are not published yet: kept in this browser's session, so that a reload or another screen loses nothing.
import { useSyncExternalStore } from 'react';

/** The draft of a stream that does not exist yet has the empty name. */
export const NEW = '';

const PREFIX = 'muster.draft.';
const BASE = 'muster.draft-base.';
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

/** Undefined ends the draft. `revision`: the published one it began from, kept from its first letter on. */
export function saveDraft(stream: string, text: string | undefined, revision = 0): void {
  if (text === undefined) {
    sessionStorage.removeItem(PREFIX + stream);
    sessionStorage.removeItem(BASE + stream);
  } else {
    if (readDraft(stream) === undefined) sessionStorage.setItem(BASE + stream, String(revision));
    sessionStorage.setItem(PREFIX + stream, text);
  }
  changed();
}

/** The revision a draft began from; 0 for none. */
export const draftBase = (stream: string): number =>
  Number(sessionStorage.getItem(BASE + stream) ?? 0);

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
