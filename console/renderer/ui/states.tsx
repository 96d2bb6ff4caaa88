// What a screen shows when it has nothing to show: empty, loading, broken, offline. Each says what to do next.
import { CircleSlash, RotateCw, TriangleAlert, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Fault } from '#shared/result.ts';
import { Button } from './button.tsx';

export interface EmptyStateProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

export function EmptyState({ title, children, actions }: EmptyStateProps) {
  return (
    <div className="state">
      <CircleSlash size={20} aria-hidden="true" />
      <h1>{title}</h1>
      {children && <div className="state-text">{children}</div>}
      {actions && <div className="state-actions">{actions}</div>}
    </div>
  );
}

export interface ErrorStateProps {
  readonly fault: Fault;
  readonly onRetry?: () => void;
}

export function ErrorState({ fault, onRetry }: ErrorStateProps) {
  return (
    <div className="state state-bad" role="alert">
      <TriangleAlert size={20} aria-hidden="true" />
      <h1>{sentence(fault.message)}</h1>
      {fault.hint && <div className="state-text">{withCode(sentence(fault.hint))}</div>}
      <p className="muted mono">
        {fault.code}
        {fault.at ? ` · ${fault.at}` : ''}
      </p>
      {onRetry && (
        <div className="state-actions">
          <Button icon={RotateCw} onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

/** One line in the place where it happened, for a fault beside content that is still good. */
export function FaultLine({ fault }: { readonly fault: Fault }) {
  return (
    <p className="fault-line" role="alert">
      <TriangleAlert size={14} aria-hidden="true" />
      <span>
        {sentence(fault.message)}.{fault.hint ? <> {withCode(sentence(fault.hint))}</> : null}
      </span>
      <code className="muted">{fault.code}</code>
    </p>
  );
}

export function OfflineBanner({ children }: { readonly children: ReactNode }) {
  return (
    <div className="banner" role="status">
      <Unplug className="banner-icon" size={14} aria-hidden="true" />
      <span>{children}</span>
    </div>
  );
}

export function SkeletonRows({ rows }: { readonly rows: number }) {
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, at) => at).map((at) => (
        <div key={at} className={`skeleton-row skeleton-${at % 4}`} />
      ))}
    </div>
  );
}

/** Hints name commands between backticks. */
const withCode = (text: string): ReactNode =>
  text
    .split('`')
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, never reordered.
    .map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
