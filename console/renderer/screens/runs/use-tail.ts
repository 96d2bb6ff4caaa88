// The output of a run as it grows: what came so far is kept, only what follows is asked for.
import { useEffect, useRef, useState } from 'react';
import { useTransport } from '#console/renderer/transport/use-api.ts';
import type { RunTail } from '#console/views.ts';
import type { Fault } from '#shared/result.ts';

const EVERY_MS = 2_000;
/** The screen keeps the end of it; the machine keeps the rest. */
const KEEP_CHARS = 400_000;

export interface Tail {
  readonly text: string;
  /** Bytes of the beginning that are not in `text`. */
  readonly cut: number;
  readonly total: number;
  readonly source: RunTail['source'];
  readonly fault: Fault | undefined;
}
const NOTHING: Tail = { text: '', cut: 0, total: 0, source: 'waiting', fault: undefined };

/** Follows while `live`; else reads what is there once. */
export function useTail(run: string, attempt: number | undefined, live: boolean): Tail {
  const transport = useTransport();
  const [tail, setTail] = useState(NOTHING);
  const next = useRef(0);
  useEffect(() => {
    let ended = false;
    let asking = false;
    let again = false;
    next.current = 0;
    setTail(NOTHING);
    const read = async (): Promise<void> => {
      again = asking;
      if (asking || ended) return;
      asking = true;
      const answer = await transport.call('runs.tail', {
        run,
        from: next.current,
        ...(attempt === undefined ? {} : { attempt }),
      });
      asking = false;
      if (ended) return;
      if (answer.ok) {
        const from = next.current;
        next.current = answer.value.to;
        setTail((old) => joined(old, answer.value, from));
        if (answer.value.to < answer.value.total && answer.value.text !== '') again = true;
      } else {
        const { fault } = answer;
        setTail((old) => ({ ...old, fault }));
      }
      if (again) void read();
    };
    void read();
    if (!live) {
      return () => {
        ended = true;
      };
    }
    const timer = setInterval(() => void read(), EVERY_MS);
    const endPushes = transport.onPush((push) => {
      if (push.kind === 'tail' && push.run === run) void read();
    });
    return () => {
      ended = true;
      clearInterval(timer);
      endPushes();
    };
  }, [transport, run, attempt, live]);
  return tail;
}

/** Exported for its test. `asked`: the byte that was asked for; an answer may begin later when older output is gone. */
export function joined(old: Tail, answer: RunTail, asked: number): Tail {
  const gap = Math.max(0, answer.from - asked);
  // From the start again: another attempt, or the machine's log has taken over from the live stream.
  const before = answer.from < asked || asked === 0 ? '' : old.text;
  const text = (before + answer.text).slice(-KEEP_CHARS);
  return {
    text,
    cut:
      (before === '' ? answer.from : old.cut + gap) +
      (before.length + answer.text.length - text.length),
    total: answer.total,
    source: answer.source,
    fault: undefined,
  };
}
