// `electron` for the built bundles under Node: what it does not model throws, and an import it lacks does not even link.
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { strict } from './strict.ts';

export { app } from './app.ts';
export { ipcMain } from './ipc.ts';
export { MessageChannelMain } from './ports.ts';
export { protocol, session } from './session.ts';
export { processes, utilityProcess } from './utility.ts';
export { BrowserWindow, webContents } from './windows.ts';

/** What was done to the outside world, for the suite to look at. */
export const seen = {
  opened: [] as string[],
  notices: [] as { readonly title: string; readonly body: string; readonly click: () => void }[],
  questions: [] as string[],
  trayMenu: [] as { readonly label?: string; readonly click?: () => void }[],
};
/** Answers a person gives to the next dialogs; with none left they cancel. */
export const answers: number[] = [];

export const shell = strict('shell', {
  openExternal: async (address: string): Promise<void> => {
    seen.opened.push(address);
  },
});

interface Question {
  readonly message: string;
  readonly buttons: readonly string[];
  readonly cancelId: number;
}
export const dialog = strict('dialog', {
  showMessageBox: async (first: object, second?: Question) => {
    const question = second ?? (first as Question);
    seen.questions.push(question.message);
    return { response: answers.shift() ?? question.cancelId };
  },
});

export class Notification extends EventEmitter {
  static isSupported = (): boolean => true;
  readonly #options: { readonly title: string; readonly body: string };
  constructor(options: { readonly title: string; readonly body: string }) {
    super();
    this.#options = options;
  }
  show(): void {
    seen.notices.push({ ...this.#options, click: () => void this.emit('click') });
  }
}

export const Menu = strict('Menu', {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: (_menu: unknown): void => undefined,
});

export class Tray extends EventEmitter {
  setToolTip(_text: string): void {}
  setContextMenu(menu: typeof seen.trayMenu): void {
    seen.trayMenu = menu;
  }
  destroy(): void {}
}

export const nativeImage = strict('nativeImage', {
  createFromPath: (path: string) => {
    if (!existsSync(path)) throw new Error(`there is no image ${path}`);
    return strict('NativeImage', { resize: (_size: object) => ({}) });
  },
});

export const screen = strict('screen', {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
});
export const powerMonitor = strict('powerMonitor', new EventEmitter());

const backend = process.env.MUSTER_DOUBLE_KEYCHAIN ?? 'gnome_libsecret';
const flip = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
// Only the async API: the deprecated one does not exist here.
export const safeStorage = strict('safeStorage', {
  isAsyncEncryptionAvailable: async () => true,
  getSelectedStorageBackend: () => backend,
  encryptStringAsync: async (text: string) => flip(Buffer.from(text)),
  decryptStringAsync: async (bytes: Buffer) => ({
    shouldReEncrypt: false,
    result: flip(bytes).toString(),
  }),
});
