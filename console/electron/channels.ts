// What crosses between the shell's processes: names of channels and shapes of messages. No code: preloads are bundled with it.

/** Page → main process, answered; the page must be the console's own. */
export const CONSOLE_CHANNELS = {
  connect: 'core.connect',
  sign: 'proposal.sign',
  lock: 'keys.lock',
  choosePlace: 'place.choose',
  openExternal: 'external.open',
  notify: 'notice.show',
} as const;
/** The confirmation's own window → main process, answered. */
export const CONFIRM_CHANNELS = {
  read: 'confirmation.read',
  answer: 'confirmation.answer',
} as const;
/** Main process → page. */
export const TO_PAGE = { port: 'core.port', gone: 'core.gone', open: 'run.open' } as const;

export const CONSOLE_ORIGIN = 'app://console';
export const CONFIRM_ORIGIN = 'app://confirm';
/** Argument by which a page's preload learns, before its first line, which console it shows. */
export const PLACE_ARGUMENT = '--muster-place=';

/** Which core this console speaks to, in a person's words. */
export interface Place {
  readonly kind: 'this-machine' | 'server';
  readonly name: string;
}

export interface FaultShape {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly fault: FaultShape };

export interface SignAnswer {
  readonly signed: boolean;
  readonly message: string;
}

/** Where a core is asked for: the home of this machine, or a server with its token. */
export type Target =
  | { readonly kind: 'this-machine' }
  | { readonly kind: 'server'; readonly url: string; readonly token: string };

/** Main process → core process; with a port whose other end speaks the wire's JSON texts. */
export interface ConnectMessage {
  readonly kind: 'connect';
  readonly id: number;
  readonly target: Target;
}
/** Core process → main process: a way is open, or it ended (also before it was ever open). */
export type LinkNews =
  | { readonly kind: 'open'; readonly id: number }
  | { readonly kind: 'lost'; readonly id: number; readonly fault: FaultShape };

/** What the confirmation shows; every text is inert already. */
export interface ConfirmationView {
  readonly proposal: string;
  readonly place: string;
  readonly machines: number;
  readonly documents: readonly {
    readonly kind: string;
    /** SHA-256 of the very bytes to be signed, computed where they are signed. */
    readonly digest: string;
    readonly lines: readonly string[];
  }[];
  readonly persons: readonly string[];
  /** Whose key is unlocked already; the others need their passphrase. */
  readonly unlocked: readonly string[];
}

/** What the page's `window.muster` offers: named functions and the name of the place, nothing of Electron. */
export interface ShellApi {
  readonly place: Place;
  readonly connect: () => void;
  readonly sign: (proposal: string) => Promise<SignAnswer>;
  readonly lock: () => Promise<Outcome>;
  readonly choosePlace: (target: Target) => Promise<Outcome>;
  readonly openExternal: (url: string) => Promise<Outcome>;
  readonly notify: (title: string, body: string, run: string | null) => Promise<Outcome>;
  /** Called with the id of a run that a deep link or a notification asks for. */
  readonly onOpenRun: (listener: (run: string) => void) => void;
}
