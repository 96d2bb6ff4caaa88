// Addresses of the screens of schedules and changes.

// No stream and no proposal begins with ~, so these never hide one.
const EDIT = '/schedules/~edit';
const REVIEW = '/change/~review';

/** `shop/backup` → its page. */
export const schedulePath = (schedule: string): string =>
  `/schedules/${schedule.split('/').map(encodeURIComponent).join('/')}`;

/** Without a stream: the editor of a new one. */
export const editPath = (stream?: string, schedule?: string): string => {
  const base = stream === undefined ? EDIT : `${EDIT}/${encodeURIComponent(stream)}`;
  return schedule === undefined ? base : `${base}?schedule=${encodeURIComponent(schedule)}`;
};

export const reviewPath = (stream?: string): string =>
  stream === undefined ? REVIEW : `${REVIEW}/${encodeURIComponent(stream)}`;

export const proposalPath = (proposal: string): string => `/change/${proposal}`;

/** Runs of one schedule, perhaps on one machine. */
export function runsPath(filter: Readonly<Record<string, string>>): string {
  return `/runs?${new URLSearchParams(filter)}`;
}
