// A state as shape, colour and word. Shapes are drawn on a 12 px field so that they tell apart at 10 px and in grey.
import type { ReactNode } from 'react';
import { type Shape, statusOf } from './status.ts';

const DRAWN: Readonly<Record<Shape, ReactNode>> = {
  disc: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  ring: <circle cx="6" cy="6" r="3.5" className="stroke" />,
  dashed: <circle cx="6" cy="6" r="4" className="stroke" strokeDasharray="2.2 1.95" />,
  half: (
    <>
      <circle cx="6" cy="6" r="4" className="stroke" />
      <path d="M6 2a4 4 0 0 0 0 8z" fill="currentColor" />
    </>
  ),
  play: <path d="M3.2 1.8 10.4 6 3.2 10.2z" fill="currentColor" />,
  clock: (
    <>
      <circle cx="6" cy="6" r="4.4" className="stroke" />
      <path d="M6 3.4V6l1.9 1.3" className="stroke" />
    </>
  ),
  hourglass: <path d="M2 1.4h8L7 6l3 4.6H2L5 6z" fill="currentColor" />,
  triangle: <path d="M6 1.3 11.2 10.4H.8z" fill="currentColor" />,
  cross: <path d="M2.4 2.4l7.2 7.2M9.6 2.4 2.4 9.6" className="stroke heavy" />,
  bar: (
    <>
      <path d="M4 1.2h4L10.8 4v4L8 10.8H4L1.2 8V4z" fill="currentColor" />
      <path d="M3.6 6h4.8" className="cut" />
    </>
  ),
  minus: <path d="M2.5 6h7" className="stroke heavy" />,
  pause: <path d="M3 2h2v8H3zM7 2h2v8H7z" fill="currentColor" />,
  skip: <path d="M2 2.2 6.6 6 2 9.8zM7.4 2h2v8h-2z" fill="currentColor" />,
  question: (
    <>
      <path d="M3.9 4.5a2.1 2.1 0 1 1 2.9 2c-.6.25-.8.6-.8 1.2" className="stroke" />
      <circle cx="6" cy="10" r=".9" fill="currentColor" />
    </>
  ),
};

/** Only the shape; something beside it must say the word. */
export function StatusGlyph({
  status,
  size = 12,
}: {
  readonly status: string;
  readonly size?: number;
}) {
  const { shape, tone } = statusOf(status);
  return (
    <svg
      className={`glyph tone-${tone}`}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      aria-hidden="true"
    >
      {DRAWN[shape]}
    </svg>
  );
}

export interface StatusMarkProps {
  readonly status: string;
  /** Another word than the list's: `applied 3 of 3`. */
  readonly children?: ReactNode;
}

export function StatusMark({ status, children }: StatusMarkProps) {
  const { word, tone } = statusOf(status);
  return (
    <span className={`status status-${tone}`}>
      <StatusGlyph status={status} />
      <span className="truncate">{children ?? word}</span>
    </span>
  );
}
