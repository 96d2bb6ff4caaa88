// Sessions: protocol handlers, permission handlers, and what Chromium is told of them.
import type { CdpSession } from './cdp.ts';
import { strict } from './strict.ts';

type Handler = (request: Request) => Promise<Response> | Response;
type Check = (contents: unknown, permission: string, origin: string, details: object) => boolean;
type Ask = (
  contents: unknown,
  permission: string,
  answer: (granted: boolean) => void,
  details: object,
) => void;

const PERMISSIONS = ['geolocation', 'notifications', 'camera'];
/** Electron's names for what Chromium's protocol calls otherwise. */
const ELECTRON_NAMES: Readonly<Record<string, string>> = { camera: 'media' };

export class SessionPart {
  readonly handlers = new Map<string, Handler>();
  check: Check | null = null;
  ask: Ask | null = null;
  contextId: Promise<string> | undefined;

  setPermissionRequestHandler(handler: Ask | null): void {
    this.ask = handler;
  }
  setPermissionCheckHandler(handler: Check | null): void {
    this.check = handler;
  }
  setDevicePermissionHandler(_handler: unknown): void {}
  readonly protocol = strict('protocol', {
    handle: (scheme: string, handler: Handler): void => {
      if (!registered.has(scheme)) throw new Error(`${scheme} was not registered as a scheme`);
      if (this.handlers.has(scheme)) throw new Error(`${scheme} is handled already`);
      this.handlers.set(scheme, handler);
    },
  });

  /** Without a handler Electron grants: each of the two must say no by itself. */
  granted(permission: string, origin: string): boolean {
    const name = ELECTRON_NAMES[permission] ?? permission;
    let asked = true;
    this.ask?.(null, name, (granted) => (asked = granted), {});
    return (this.check?.(null, name, origin, {}) ?? true) || asked;
  }

  async tellChromium(browser: CdpSession, origin: string, real: string): Promise<void> {
    const browserContextId = await this.contextOf(browser);
    for (const name of PERMISSIONS) {
      const setting = this.granted(name, origin) ? 'granted' : 'denied';
      await browser.send('Browser.setPermission', {
        permission: { name },
        setting,
        origin: real,
        browserContextId,
      });
    }
  }

  async contextOf(browser: CdpSession): Promise<string> {
    this.contextId ??= browser
      .send('Target.createBrowserContext', { disposeOnDetach: true })
      .then(({ browserContextId }) => String(browserContextId));
    return this.contextId;
  }
}

const registered = new Set<string>();
const partitions = new Map<string, SessionPart>();
/** Strict views and what they hide. */
const parts = new WeakMap<object, SessionPart>();

function open(partition: string): SessionPart {
  const known = partitions.get(partition);
  if (known) return known;
  const made = new SessionPart();
  partitions.set(partition, made);
  return made;
}

function view(part: SessionPart): SessionPart {
  const seen = strict('session', part);
  parts.set(seen, part);
  return seen;
}

export const sessionPart = (partition: string | undefined): SessionPart => open(partition ?? '');

export const session = strict('session', {
  get defaultSession() {
    return view(open(''));
  },
  fromPartition: (partition: string) => view(open(partition)),
});

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (
    schemes: readonly { readonly scheme: string; readonly privileges: object }[],
  ): void => {
    for (const { scheme, privileges } of schemes) {
      const { standard, secure } = privileges as { standard?: boolean; secure?: boolean };
      if (!standard || !secure) throw new Error('the double models standard, secure schemes only');
      registered.add(scheme);
    }
  },
});
