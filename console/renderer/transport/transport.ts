// The one way from the screens to a core, whatever lies between: calls, pushes, and whether the way is open.
import type { MethodName, Params, Push, Returns } from '#console/api.ts';
import type { Fault, Result } from '#shared/result.ts';

/** `refused`: the core is there, but will not talk to us; waiting does not help. */
export type LinkState =
  | { readonly is: 'connecting' }
  | { readonly is: 'open' }
  | { readonly is: 'gone'; readonly sinceAt: number; readonly fault: Fault }
  | { readonly is: 'refused'; readonly fault: Fault };

/** Which console this is, for the top bar: the person must always see what they act on. */
export interface Place {
  readonly kind: 'this-machine' | 'server';
  readonly name: string;
}

export interface ConsoleTransport {
  readonly place: Place;
  readonly call: <M extends MethodName>(
    method: M,
    params: Params<M>,
  ) => Promise<Result<Returns<M>>>;
  /** Both return a function that ends the listening. */
  readonly onPush: (listener: (push: Push) => void) => () => void;
  readonly onState: (listener: (state: LinkState) => void) => () => void;
  readonly state: () => LinkState;
  readonly close: () => void;
}
