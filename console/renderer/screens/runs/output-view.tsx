// What a job wrote: inert text in the machine's own type, following its end while it grows and the reader is there.
import { memo, useEffect, useMemo, useRef } from 'react';
import { inertPieces } from './inert-text.ts';

export interface OutputViewProps {
  readonly text: string;
  /** Said instead of an empty box. */
  readonly none: string;
  readonly follow: boolean;
}

const NEAR_END_PX = 24;

export function OutputView({ text, none, follow }: OutputViewProps) {
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is new text that moves the end.
  useEffect(() => {
    const element = box.current;
    if (element && follow && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [text, follow]);
  if (text === '') return <p className="output output-none muted">{none}</p>;
  return (
    <pre
      className="output"
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
      tabIndex={0}
      role="log"
      aria-label="Output"
      aria-live="off"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
      }}
    >
      <InertText text={text} />
    </pre>
  );
}

/** Text of a machine or a job: characters that would act are shown by their code. */
export const InertText = memo(function InertText({ text }: { readonly text: string }) {
  const pieces = useMemo(() => inertPieces(text), [text]);
  return pieces.map((piece, at) =>
    piece.marked ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place.
      <span key={at} className="inert-mark" title="shown, not acted on">
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  );
});
