// What the desktop shell offers beside the way to a core; a browser has none of it.
import { shellBridge } from '#console/renderer/transport/host.ts';

export type ChosenPlace =
  | { readonly kind: 'this-machine' }
  | { readonly kind: 'server'; readonly url: string; readonly token: string };

export type SetupAnswer =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly fault: { readonly code: string; readonly message: string; readonly hint?: string };
    };

/** Asks the main process to speak to another core from now on; undefined in a browser. */
export function placeChooser(): ((place: ChosenPlace) => Promise<SetupAnswer>) | undefined {
  const bridge: unknown = shellBridge();
  if (typeof bridge !== 'object' || bridge === null || !('choosePlace' in bridge)) return undefined;
  return bridge.choosePlace as (place: ChosenPlace) => Promise<SetupAnswer>;
}
