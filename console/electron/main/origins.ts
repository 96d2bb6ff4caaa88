// Who sent a message: the origin of a frame by parsing, never by prefix. Pure.

/** What of Electron's WebFrameMain decides. */
export interface FrameLike {
  readonly url: string;
  readonly parent: unknown;
}

/** `app://host` of an app: address, with nothing before or after the host; else undefined. */
export function appOrigin(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'app:' || url.host === '') return undefined;
  if (url.username !== '' || url.password !== '' || url.port !== '') return undefined;
  return `app://${url.host}`;
}

/** True for the page itself: not a frame in it, and not one that is gone (null) by the time it is looked at. */
export const isPageOf = (frame: FrameLike | null, origin: string): boolean =>
  frame !== null && frame.parent === null && appOrigin(frame.url) === origin;
