// An independent answer to "when does this cron fire": it looks at every step of a window, asks Intl what a clock on
// the wall shows, and matches field by field. Slow and simple on purpose; shares nothing with shared/time.

export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

export function wallOf(at: number, zone: string): WallTime {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
    });
    formats.set(zone, format);
  }
  const [day = 0, month = 0, year = 0, hour = 0, minute = 0, second = 0] = format
    .format(at)
    .split(/\D+/)
    .map(Number);
  return { year, month, day, hour, minute, second };
}

const asUtc = (wall: WallTime): number =>
  Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);

const fromUtc = (utc: number): WallTime => {
  const date = new Date(utc);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
};

/** Does a plain field (numbers, ranges, steps, stars) name this value? */
function inField(field: string, value: number, low: number, high: number): boolean {
  return field.split(',').some((item) => {
    const [range = '', step] = item.split('/');
    const [from = '', to] = range.split('-');
    const start = from === '*' || from === '?' ? low : Number(from);
    const end = to !== undefined ? Number(to) : from === '*' || from === '?' || step ? high : start;
    return value >= start && value <= end && (value - start) % Number(step ?? 1) === 0;
  });
}

function inDayOfMonth(field: string, { year, month, day }: WallTime): boolean {
  const weekday = (d: number): number => new Date(Date.UTC(year, month - 1, d)).getUTCDay();
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const working = (d: number): boolean => d >= 1 && d <= last && weekday(d) >= 1 && weekday(d) <= 5;
  return field.split(',').some((item) => {
    if (item === 'L') return day === last;
    if (item === 'LW') {
      let d = last;
      while (!working(d)) d -= 1;
      return day === d;
    }
    if (!item.endsWith('W')) return inField(item, day, 1, 31);
    const wanted = Number(item.slice(0, -1));
    if (wanted > last) return false;
    const nearest = [0, -1, 1, -2, 2].map((shift) => wanted + shift).find(working);
    return day === nearest;
  });
}

function inDayOfWeek(field: string, { year, month, day }: WallTime): boolean {
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const same = (name: string): boolean => Number(name) % 7 === weekday;
  return field.split(',').some((item) => {
    if (item.endsWith('L')) return same(item.slice(0, -1)) && day + 7 > last;
    const [name = '', nth] = item.split('#');
    if (nth !== undefined) return same(name) && Math.ceil(day / 7) === Number(nth);
    if (/^\d$/.test(item)) return same(item);
    // Only a range may end at 7; a step without an end stops at Saturday.
    const sunday = weekday === 0 && /-7(\/|$)/.test(item) && inField(item, 7, 0, 7);
    return sunday || inField(item, weekday, 0, 6);
  });
}

/** Six or seven fields, seconds first. */
export function matches(expression: string, wall: WallTime): boolean {
  const [second = '', minute = '', hour = '', dom = '', month = '', dowField = '', year = '*'] =
    expression.split(' ');
  const both = dowField.startsWith('+');
  const dow = both ? dowField.slice(1) : dowField;
  const free = (field: string): boolean => field === '*' || field === '?';
  const byDay = inDayOfMonth(dom, wall);
  const byWeekday = inDayOfWeek(dow, wall);
  const date = free(dom) || free(dow) || both ? byDay && byWeekday : byDay || byWeekday;
  return (
    date &&
    inField(second, wall.second, 0, 59) &&
    inField(minute, wall.minute, 0, 59) &&
    inField(hour, wall.hour, 0, 23) &&
    inField(month, wall.month, 1, 12) &&
    inField(year, wall.year, 1, 9_999)
  );
}

/** Every occurrence in (afterAt, upToAt], by looking at each step. Window and clock changes must be multiples of the step. */
export function bruteForce(
  expression: string,
  zone: string,
  afterAt: number,
  upToAt: number,
  stepMs: number,
): { at: number; shift?: 'gap' }[] {
  const [, minute = '', hour = ''] = expression.split(' ');
  const fixed = !/^[*?]/.test(minute) && !/^[*?]/.test(hour);
  const found: { at: number; shift?: 'gap' }[] = [];
  const warmUpMs = Math.ceil((26 * 3_600_000) / stepMs) * stepMs;
  let shown = asUtc(wallOf(afterAt - warmUpMs, zone));
  let latest = shown;
  for (let at = afterAt - warmUpMs + stepMs; at <= upToAt; at += stepMs) {
    const before = shown;
    const wall = wallOf(at, zone);
    shown = asUtc(wall);
    const firstPass = shown > latest;
    latest = Math.max(latest, shown);
    if (at <= afterAt) continue;
    if (matches(expression, wall) && (!fixed || firstPass)) {
      found.push({ at });
      continue;
    }
    const gapMs = shown - before - stepMs;
    if (!fixed || gapMs <= 0 || gapMs > 3 * 3_600_000) continue;
    for (let skipped = before + stepMs; skipped < shown; skipped += stepMs)
      if (matches(expression, fromUtc(skipped))) {
        found.push({ at, shift: 'gap' });
        break;
      }
  }
  return found;
}
