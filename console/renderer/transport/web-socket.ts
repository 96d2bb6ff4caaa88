// The browser's way: a WebSocket to `muster serve`, opened again for as long as the page lives.
import type { Fault } from '#shared/result.ts';
import { callDesk, GONE } from './calls.ts';
import type { ConsoleTransport } from './transport.ts';

const SUBPROTOCOL = 'muster.v1';
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/** `base`: http address of the server; `token`: content of its http-token. */
export function webSocketTransport(base: URL, token: string): ConsoleTransport {
  const desk = callDesk();
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = FIRST_WAIT_MS;
  let goneAt: number | undefined;
  let closed = false;

  const open = (): void => {
    const address = new URL('ws', base);
    address.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
    address.hash = '';
    // A browser cannot send Authorization with a WebSocket; the server never echoes the second name.
    const opened = new WebSocket(address, [SUBPROTOCOL, `bearer.${token}`]);
    socket = opened;
    opened.onopen = () => {
      waitMs = FIRST_WAIT_MS;
      goneAt = undefined;
      desk.setSend((text) => opened.send(text));
      desk.setState({ is: 'open' });
    };
    opened.onmessage = (event) => desk.take(String(event.data));
    opened.onclose = () => void lost();
  };
  const lost = async (): Promise<void> => {
    desk.setSend(undefined);
    if (closed) return;
    goneAt ??= Date.now();
    const refused = await askWhy(base, token);
    if (closed) return;
    if (refused) return desk.setState({ is: 'refused', fault: refused });
    desk.setState({ is: 'gone', sinceAt: goneAt, fault: GONE });
    timer = setTimeout(open, waitMs);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  };
  const openSooner = (): void => {
    if (closed || desk.state().is !== 'gone') return;
    clearTimeout(timer);
    open();
  };
  addEventListener('online', openSooner);
  open();
  return {
    place: { kind: 'server', name: base.host },
    call: desk.call,
    onPush: desk.onPush,
    onState: desk.onState,
    state: desk.state,
    close: () => {
      closed = true;
      clearTimeout(timer);
      removeEventListener('online', openSooner);
      socket?.close();
    },
  };
}

/** A closed WebSocket does not say why; the same door over HTTP does. Undefined: nobody there, or all is well. */
async function askWhy(base: URL, token: string): Promise<Fault | undefined> {
  try {
    const response = await fetch(new URL('api/core.status', base), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(3_000),
    });
    if (response.status !== 401 && response.status !== 403) return undefined;
    const answer = (await response.json()) as { readonly fault?: Fault };
    return answer.fault;
  } catch {
    return undefined;
  }
}
