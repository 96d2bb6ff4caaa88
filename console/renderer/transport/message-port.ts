// Electron's way: a MessagePort to the core, handed to the page by the preload script; a new port replaces the old one.
import type { Fault } from '#shared/result.ts';
import { callDesk, GONE } from './calls.ts';
import type { ConsoleTransport, Place } from './transport.ts';

/** Messages the preload posts to its own window: a port to a core, or word that there is none. */
interface PortMessage {
  readonly muster: 'core-port' | 'core-gone';
  readonly fault?: Fault;
}

/** Listens for ports; `place` says which core the shell chose. */
export function messagePortTransport(place: Place): ConsoleTransport {
  const desk = callDesk();
  let port: MessagePort | undefined;
  let goneAt: number | undefined;
  const gone = (fault: Fault): void => {
    goneAt ??= Date.now();
    desk.setSend(undefined);
    desk.setState({ is: 'gone', sinceAt: goneAt, fault });
  };
  const take = (next: MessagePort): void => {
    port?.close();
    desk.setSend(undefined);
    port = next;
    goneAt = undefined;
    next.onmessage = (event) => desk.take(String(event.data));
    next.addEventListener('close', () => {
      if (port === next) gone(GONE);
    });
    next.start();
    desk.setSend((text) => next.postMessage(text));
    desk.setState({ is: 'open' });
  };
  const listener = (event: MessageEvent): void => {
    // Only this very window may hand us a port: frames and openers have windows of their own.
    if (event.source !== window || event.origin !== location.origin) return;
    const message = event.data as Partial<PortMessage> | null;
    const given = event.ports[0];
    if (message?.muster === 'core-port' && given) take(given);
    if (message?.muster === 'core-gone') gone(message.fault ?? GONE);
  };
  addEventListener('message', listener);
  return {
    place,
    call: desk.call,
    onPush: desk.onPush,
    onState: desk.onState,
    state: desk.state,
    close: () => {
      removeEventListener('message', listener);
      port?.close();
    },
  };
}
