// The icon in the system's tray, and the menu of the program: few words, no developer tools in an installed one.
import { app, Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import { paths } from './paths.ts';

/** In points; trays show an image as large as it is. */
const SIZE = { width: 22, height: 22 } as const;

export interface TrayActions {
  readonly show: () => void;
  readonly lock: () => void;
}

/** Keep what is returned: a tray that is collected as garbage disappears. */
export function openTray({ show, lock }: TrayActions): Tray {
  const tray = new Tray(nativeImage.createFromPath(paths.icon).resize(SIZE));
  tray.setToolTip('Muster');
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'Show Muster', click: show },
      { label: 'Lock keys', click: lock },
      { type: 'separator' },
      { label: 'Quit', click: () => app.quit() },
    ]),
  );
  tray.on('click', show);
  return tray;
}

export function setMenu(): void {
  const tools: MenuItemConstructorOptions[] = app.isPackaged ? [] : [{ role: 'toggleDevTools' }];
  const mac: MenuItemConstructorOptions[] =
    process.platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  const view: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' },
      ...tools,
    ],
  };
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([...mac, { role: 'editMenu' }, view, { role: 'windowMenu' }]),
  );
}
