// What no page of this program may do: leave, open, embed, or be granted anything.
import type { Session, WebContents } from 'electron';

const deny = (event: { readonly preventDefault: () => void }): void => event.preventDefault();

/** Nothing of the machine is granted to a page: no camera, place, notifications, clipboard reading, devices. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

/** The one page a window was given is the only one it ever shows. */
export function guardContents(contents: WebContents): void {
  contents.on('will-navigate', deny);
  contents.on('will-redirect', deny);
  contents.on('will-frame-navigate', deny);
  contents.on('will-attach-webview', deny);
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}
