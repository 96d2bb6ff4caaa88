// The scripts a page of the double starts with: the preload in a world of its own, and the bridge between the worlds.

export interface WorldOptions {
  readonly preload: string;
  readonly argv: readonly string[];
  readonly sandboxed: boolean;
  /** Name of the DOM event by which the two worlds talk; a page cannot guess it. */
  readonly bridge: string;
  /** app:// origin → the origin the page has in Chromium. */
  readonly origins: Readonly<Record<string, string>>;
}

/** Runs in the page's own world: builds what contextBridge exposes, of functions that only send. */
export const mainWorld = (bridge: string, node: boolean): string => `(() => {
  if (window !== window.top) return;
  const say = (message) => document.dispatchEvent(new CustomEvent(${JSON.stringify(`${bridge}-in`)}, { detail: JSON.stringify(message) }));
  const promises = new Map(), callbacks = new Map();
  let lastId = 0, returned;
  const build = (shape) => {
    if (shape.fn !== undefined) return (...args) => {
      const id = ++lastId;
      const sent = args.map((value) => {
        if (typeof value !== 'function') return { value };
        const callback = ++lastId;
        callbacks.set(callback, value);
        return { callback };
      });
      returned = undefined;
      say({ id, fn: shape.fn, args: sent });
      const answer = returned;
      if (answer?.promise) return new Promise((resolve, reject) => promises.set(id, { resolve, reject }));
      if (answer?.error !== undefined) throw new Error(answer.error);
      return answer?.value;
    };
    if (shape.object) return Object.freeze(Object.fromEntries(Object.entries(shape.object).map(([key, of]) => [key, build(of)])));
    return shape.value;
  };
  document.addEventListener(${JSON.stringify(`${bridge}-out`)}, ({ detail }) => {
    const message = JSON.parse(detail);
    if (message.expose) Object.defineProperty(window, message.expose, { value: build(message.shape), enumerable: true });
    if (message.returned) returned = message.returned;
    if (message.settled) {
      const { resolve, reject } = promises.get(message.settled);
      if (message.error !== undefined) reject(new Error(message.error)); else resolve(message.value);
    }
    if (message.callback) callbacks.get(message.callback)?.(...message.args);
  });
  ${node ? "window.require = (name) => ({ name }); window.process = { versions: { node: '24' } };" : ''}
})();`;

/** Runs in the preload's world; talks to the main process by the binding \`__toMain\` and is called as \`__fromMain\`. */
export const preloadWorld = (options: WorldOptions): string => `(() => {
  if (window !== window.top) return;
  const options = ${JSON.stringify({ ...options, preload: '' })};
  const toMain = (message) => globalThis.__toMain(JSON.stringify(message));
  const strict = (name, part) => new Proxy(part, { get: (of, key) => {
    if (key in of || typeof key === 'symbol') return of[key];
    throw new Error('the double does not model ' + name + '.' + String(key));
  } });
  const waiting = new Map(), listeners = new Map(), ports = new Map(), functions = [];
  let lastId = 0;
  const portFor = (id) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => toMain({ kind: 'port', id, data });
    port1.addEventListener('close', () => toMain({ kind: 'port-close', id }));
    ports.set(id, port1);
    return port2;
  };
  globalThis.__fromMain = (message) => {
    if (message.kind === 'reply') {
      const { resolve, reject } = waiting.get(message.id);
      if (message.error === undefined) resolve(message.value); else reject(new Error(message.error));
    }
    if (message.kind === 'send') {
      const event = { ports: message.ports.map(portFor) };
      for (const listener of listeners.get(message.channel) ?? []) listener(event, ...message.args);
    }
    if (message.kind === 'port') ports.get(message.id)?.postMessage(message.data);
    if (message.kind === 'port-close') ports.get(message.id)?.close();
  };
  const ipcRenderer = strict('ipcRenderer', {
    invoke: (channel, ...args) => new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      toMain({ kind: 'invoke', id, channel, args });
    }),
    on: (channel, listener) => void listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
  });
  const out = (message) => document.dispatchEvent(new CustomEvent(options.bridge + '-out', { detail: JSON.stringify(message) }));
  const shapeOf = (value) => {
    if (typeof value === 'function') return { fn: functions.push(value) - 1 };
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { object: Object.fromEntries(Object.entries(value).map(([key, of]) => [key, shapeOf(of)])) };
    return { value };
  };
  document.addEventListener(options.bridge + '-in', ({ detail }) => {
    const { id, fn, args } = JSON.parse(detail);
    const given = args.map((one) => one.callback === undefined ? one.value
      : (...back) => out({ callback: one.callback, args: back }));
    try {
      const value = functions[fn](...given);
      if (typeof value?.then !== 'function') return out({ returned: { value } });
      out({ returned: { promise: true } });
      value.then((of) => out({ settled: id, value: of }), (error) => out({ settled: id, error: error.message }));
    } catch (error) {
      out({ returned: { error: error.message } });
    }
  });
  const contextBridge = strict('contextBridge', {
    exposeInMainWorld: (name, api) => out({ expose: name, shape: shapeOf(api) }),
  });
  const post = (message, origin, transfer) => {
    if (origin === '*') throw new Error('a message without a named origin reaches whoever is there');
    const real = options.origins[origin];
    if (real === undefined) throw new Error('the double knows no origin ' + origin);
    window.postMessage(message, real, transfer);
  };
  const require = (name) => {
    if (name === 'electron') return strict('electron', { ipcRenderer, contextBridge });
    if (options.sandboxed) throw new Error('a sandboxed preload cannot load ' + name);
    return {};
  };
  const process = strict('process', { argv: options.argv, sandboxed: options.sandboxed });
  (function (require, process, window, module, exports) {
${options.preload}
  })(require, process, strict('window', { postMessage: post }), { exports: {} }, {});
})();`;
