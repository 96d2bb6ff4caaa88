// One instance: a second start hands its deep link to the first and ends.
import { app } from 'electron';
import { runOfArguments, runOfLink } from './deep-link.ts';

/** False: another instance runs, and this one must end. `onAsk` gets the run that is asked for, if any. */
export function becomeSingle(onAsk: (run: string | undefined) => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.setAsDefaultProtocolClient('muster');
  app.on('second-instance', (_event, argv) => onAsk(runOfArguments(argv)));
  // macOS hands links over as an event.
  app.on('open-url', (event, link) => {
    event.preventDefault();
    onAsk(runOfLink(link));
  });
  return true;
}
