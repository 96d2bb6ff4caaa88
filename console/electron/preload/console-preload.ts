// The console page's preload: named functions, each one message. No ipcRenderer, no event, no Node reaches the page.
import { contextBridge, ipcRenderer } from 'electron';
import {
  CONSOLE_CHANNELS as ASK,
  CONSOLE_ORIGIN,
  type Outcome,
  PLACE_ARGUMENT,
  type Place,
  type ShellApi,
  type SignAnswer,
  TO_PAGE,
} from '#console/electron/channels.ts';

const given = process.argv.find((argument) => argument.startsWith(PLACE_ARGUMENT));
const place = JSON.parse(
  decodeURIComponent(given?.slice(PLACE_ARGUMENT.length) ?? 'null'),
) as Place | null;

// Answers have the shapes that the main process gives them: it is the trusted side of this channel.
const outcome = (channel: string, ...args: readonly unknown[]): Promise<Outcome> =>
  ipcRenderer.invoke(channel, ...args) as Promise<Outcome>;

const api: ShellApi = {
  place: place ?? { kind: 'this-machine', name: '' },
  connect: () => void ipcRenderer.invoke(ASK.connect),
  sign: (proposal) => ipcRenderer.invoke(ASK.sign, proposal) as Promise<SignAnswer>,
  lock: () => outcome(ASK.lock),
  choosePlace: (target) => outcome(ASK.choosePlace, target),
  openExternal: (url) => outcome(ASK.openExternal, url),
  notify: (title, body, run) => outcome(ASK.notify, title, body, run),
  onOpenRun: (listener) => {
    ipcRenderer.on(TO_PAGE.open, (_event, run: unknown) => listener(String(run)));
  },
};

ipcRenderer.on(TO_PAGE.port, (event) => {
  // Named origin: were another page ever in this window, the port would not reach it.
  window.postMessage({ muster: 'core-port', place: api.place }, CONSOLE_ORIGIN, [...event.ports]);
});
ipcRenderer.on(TO_PAGE.gone, (_event, fault: unknown) => {
  window.postMessage({ muster: 'core-gone', fault }, CONSOLE_ORIGIN);
});

contextBridge.exposeInMainWorld('muster', api);
