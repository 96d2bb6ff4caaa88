// Instants and durations in words. Pure: now and zone are arguments.
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `840 ms`, `4.2 s`, `3 min 20 s`, `5 h 12 min`, `9 d 4 h`. */
export function durationText(ms: number): string {
  const sign = ms < 0 ? '−' : '';
  const size = Math.abs(ms);
  if (size < SECOND) return `${sign}${Math.round(size)} ms`;
  if (size < 10 * SECOND) return `${sign}${(size / SECOND).toFixed(1)} s`;
  if (size < MINUTE) return `${sign}${Math.round(size / SECOND)} s`;
  if (size < HOUR) return `${sign}${two(size, MINUTE, 'min', SECOND, 's')}`;
  if (size < DAY) return `${sign}${two(size, HOUR, 'h', MINUTE, 'min')}`;
  return `${sign}${two(size, DAY, 'd', HOUR, 'h')}`;
}

function two(size: number, big: number, bigWord: string, small: number, smallWord: string): string {
  const whole = Math.floor(size / big);
  const rest = Math.floor((size % big) / small);
  return rest === 0 ? `${whole} ${bigWord}` : `${whole} ${bigWord} ${rest} ${smallWord}`;
}

/** `just now`, `4 min ago`, `in 2 h`: one unit, because an age is read at a glance. */
export function ageText(at: number, now: number): string {
  const ms = now - at;
  const size = Math.abs(ms);
  if (size < 5 * SECOND) return ms >= 0 ? 'just now' : 'now';
  const unit =
    size < MINUTE
      ? `${Math.floor(size / SECOND)} s`
      : size < HOUR
        ? `${Math.floor(size / MINUTE)} min`
        : size < 2 * DAY
          ? `${Math.floor(size / HOUR)} h`
          : `${Math.floor(size / DAY)} d`;
  return ms >= 0 ? `${unit} ago` : `in ${unit}`;
}

/** `UTC`, an IANA name, or undefined for the browser's own zone. Today's date is left out. */
export function clockText(at: number, now: number, zone?: string): string {
  const day = dayText(at, zone);
  const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: zone }).format(at);
  return day === dayText(now, zone) ? time : `${day} ${time}`;
}

/** `Sat 2026-11-21 23:34:01 UTC`, for tooltips and details. */
export function fullText(at: number, zone?: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    timeZone: zone,
  }).format(at);
  const time = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    timeZone: zone,
  }).format(at);
  return `${parts} ${dayText(at, zone)} ${time}`;
}

function dayText(at: number, zone?: string): string {
  // sv-SE writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone: zone }).format(at);
}
