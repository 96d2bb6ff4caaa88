// The console's window: placed where it was, told which core it shows, remembered when it moves.
import { BrowserWindow, screen } from 'electron';
import { CONSOLE_ORIGIN, PLACE_ARGUMENT, type Place } from '#console/electron/channels.ts';
import { paths } from './paths.ts';
import { STRICT } from './strict.ts';
import { fitWindow, type WindowState } from './window-state.ts';

const SAVE_AFTER_MS = 500;

/** `save` is called when the window came to rest, and when it closes. */
export function openMainWindow(
  state: WindowState,
  place: Place,
  save: (state: WindowState) => void,
): BrowserWindow {
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const { maximized, ...bounds } = fitWindow(state, screens);
  const window = new BrowserWindow({
    width: bounds.width,
    height: bounds.height,
    ...(bounds.x === undefined || bounds.y === undefined ? {} : { x: bounds.x, y: bounds.y }),
    minWidth: 640,
    minHeight: 480,
    title: 'Muster',
    icon: paths.icon,
    webPreferences: {
      ...STRICT,
      preload: paths.corePreload,
      additionalArguments: [`${PLACE_ARGUMENT}${encodeURIComponent(JSON.stringify(place))}`],
    },
  });
  if (maximized) window.maximize();
  let timer: NodeJS.Timeout | undefined;
  const remember = (): void => {
    clearTimeout(timer);
    if (window.isDestroyed()) return;
    save({ ...window.getNormalBounds(), maximized: window.isMaximized() });
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(remember, SAVE_AFTER_MS);
  };
  window.on('resize', soon);
  window.on('move', soon);
  window.on('close', remember);
  void window.loadURL(`${CONSOLE_ORIGIN}/index.html`);
  return window;
}

/** Brings a window before the person, however it was put away. */
export function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
