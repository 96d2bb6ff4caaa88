// Time as a value. Only a composition root makes a Clock; everything else is handed a `Now` or the port.

/** One reading of both clocks, taken together. */
export interface Now {
  /** Wall clock, epoch milliseconds. */
  readonly wallAt: number;
  /** Monotonic clock, milliseconds since an arbitrary start of this process; never steps. */
  readonly monoMs: number;
}

export interface Clock {
  readonly now: () => Now;
  /** Calls back once after `delayMs` (capped by the caller at 30 s). */
  readonly after: (delayMs: number, wake: () => void) => { readonly cancel: () => void };
}
