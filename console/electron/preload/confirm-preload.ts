// The confirmation's preload: what is to be signed comes in, one answer goes out.
import { contextBridge, ipcRenderer } from 'electron';
import {
  CONFIRM_CHANNELS as ASK,
  type ConfirmationView,
  type Outcome,
} from '#console/electron/channels.ts';
import type { ConfirmationApi } from '#console/electron/pages/confirmation-api.ts';

const api: ConfirmationApi = {
  read: () => ipcRenderer.invoke(ASK.read) as Promise<ConfirmationView | null>,
  agree: (person, passphrase) =>
    ipcRenderer.invoke(ASK.answer, { agree: true, person, passphrase }) as Promise<Outcome>,
  refuse: () => ipcRenderer.invoke(ASK.answer, { agree: false }) as Promise<Outcome>,
};

contextBridge.exposeInMainWorld('confirmation', api);
