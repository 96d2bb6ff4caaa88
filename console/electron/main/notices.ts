// Notifications of the desktop: inert text, and never a storm of them.
import { Notification } from 'electron';
import { inert } from '#console/core/planner/summary.ts';
import { err, ok, type Result } from '#shared/result.ts';

const MOST = 5;
const PER_MS = 60_000;
const MAX_TITLE = 80;
const MAX_BODY = 240;

export interface Notice {
  readonly title: string;
  readonly body: string;
}

/** Shows at most five a minute. Faults: NOTICE_LIMIT, NOTICE_UNSUPPORTED. */
export function noticeBoard(): (notice: Notice, onClick: () => void) => Result<void> {
  let shownAtMs: readonly number[] = [];
  return ({ title, body }, onClick) => {
    if (!Notification.isSupported()) {
      return err('NOTICE_UNSUPPORTED', 'this desktop shows no notifications');
    }
    const nowMs = performance.now();
    shownAtMs = shownAtMs.filter((atMs) => nowMs - atMs < PER_MS);
    if (shownAtMs.length >= MOST) return err('NOTICE_LIMIT', 'too many notifications in a minute');
    shownAtMs = [...shownAtMs, nowMs];
    const shown = new Notification({
      title: inert(title).slice(0, MAX_TITLE),
      body: inert(body).slice(0, MAX_BODY),
    });
    shown.on('click', onClick);
    shown.show();
    return ok(undefined);
  };
}
