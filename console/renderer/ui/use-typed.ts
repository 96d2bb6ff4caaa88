// Text that a person types into a field whose value lives elsewhere (the address): typing is never overtaken by its own echo.
import { useEffect, useRef, useState } from 'react';

const PAUSE_MS = 120;

export interface Typed {
  readonly text: string;
  /** Shows at once, tells the owner after a short pause. */
  readonly type: (text: string) => void;
  /** Shows and tells at once. */
  readonly put: (text: string) => void;
}

export function useTyped(value: string, onChange: (value: string) => void): Typed {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const onTheWay = useRef(new Set<string>());
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => {
    // Our own word come back, or an older one while the person types on: the field knows better.
    if (onTheWay.current.delete(value) || timer.current !== undefined) return;
    setText(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = (next: string): void => {
    clearTimeout(timer.current);
    timer.current = undefined;
    if (next === value) return;
    onTheWay.current.add(next);
    tell.current(next);
  };
  return {
    text,
    type: (next) => {
      setText(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => send(next), PAUSE_MS);
    },
    put: (next) => {
      setText(next);
      send(next);
    },
  };
}
