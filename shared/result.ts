// Operating errors as values: what can go wrong for an operator is returned, `throw` is for bugs.

/** An operating error. `code` is stable and machine-readable; `hint` says what to do next. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Where in the input: `file:line:column` or a JSON path. */
  readonly at?: string;
  /** Ids that let a person find the thing: docId, keyId, agent, run … */
  readonly ids?: Readonly<Record<string, string>>;
}

export type Ok<T> = { readonly ok: true; readonly value: T };
export type Err = { readonly ok: false; readonly fault: Fault };
export type Result<T> = Ok<T> | Err;

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });

/** An error result; `more` adds hint, at, ids. */
export const err = (
  code: string,
  message: string,
  more: Omit<Fault, 'code' | 'message'> = {},
): Err => ({
  ok: false,
  fault: { code, message, ...more },
});

/** One line for a log or a terminal: `CODE message (hint)`. */
export function describeFault(fault: Fault): string {
  const where = fault.at ? `${fault.at}: ` : '';
  const hint = fault.hint ? ` (${fault.hint})` : '';
  return `${where}${fault.code} ${fault.message}${hint}`;
}
