// State of a screen that belongs in its address: filters, view, sort. Empty values leave it.
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

export interface UrlState {
  readonly get: (name: string) => string;
  /** Several at once; '' removes. Replaces the entry in the history: a filter is not a step back. */
  readonly set: (values: Readonly<Record<string, string>>) => void;
}

export function useUrlState(): UrlState {
  const [params, setParams] = useSearchParams();
  const get = useCallback((name: string) => params.get(name) ?? '', [params]);
  const set = useCallback(
    (values: Readonly<Record<string, string>>) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(values)) {
            if (value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  return { get, set };
}
