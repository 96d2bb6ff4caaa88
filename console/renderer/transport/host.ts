// Who hosts this page: Electron's preload offers a small object of named functions, a browser has none.
import type { Fault } from '#shared/result.ts';
import { messagePortTransport } from './message-port.ts';
import type { ConsoleTransport, Place } from './transport.ts';
import { webSocketTransport } from './web-socket.ts';

/** What Electron's preload exposes as `window.muster`. Keys and signing stay in its main process. */
export interface ShellBridge {
  readonly place: Place;
  /** Asks for a port to the core; it comes as a message to this window. Called once per page. */
  readonly connect: () => void;
  /** Opens the main process's own confirmation, built from the bytes; resolves when it is closed. */
  readonly sign: (proposal: string) => Promise<SignAnswer>;
  /** Called with the id of a run that a deep link or a notification asks for. */
  readonly onOpenRun: (listener: (run: string) => void) => void;
  readonly openExternal: (url: string) => Promise<unknown>;
  /** Changes the core this console speaks to; a new port follows. */
  readonly choosePlace: (target: PlaceTarget) => Promise<HostOutcome>;
}
export type PlaceTarget =
  | { readonly kind: 'this-machine' }
  | { readonly kind: 'server'; readonly url: string; readonly token: string };
export type HostOutcome = { readonly ok: true } | { readonly ok: false; readonly fault: Fault };
export interface SignAnswer {
  readonly signed: boolean;
  readonly message: string;
}

const TOKEN_KEY = 'muster.token';

/** The shell's bridge, when this page runs in Electron. */
export function shellBridge(): ShellBridge | undefined {
  return (globalThis as { readonly muster?: ShellBridge }).muster;
}

/** Undefined: a browser without a token; the page then asks for one. */
export function chooseTransport(): ConsoleTransport | undefined {
  const bridge = shellBridge();
  if (bridge) {
    const transport = messagePortTransport(bridge.place);
    bridge.connect();
    return transport;
  }
  const token = takeToken();
  return token === undefined ? undefined : webSocketTransport(new URL('./', location.href), token);
}

/** The token comes as `#token=…` and leaves the address at once: it must not stay in the history or a screenshot. */
function takeToken(): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null) {
    sessionStorage.setItem(TOKEN_KEY, given);
    history.replaceState(null, '', `${location.pathname}#/`);
  }
  return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
}

/** Forgets a refused token and starts over with `token`. */
export function restartWithToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token.trim());
  location.reload();
}
