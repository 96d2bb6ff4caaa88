// When a schedule runs, in a person's words. Pure.
import { toString as cronWords } from 'cronstrue';

/** `At 02:30 on Monday`; undefined for what cronstrue cannot read (the core says why). */
export function wordsOfCron(expression: string): string | undefined {
  try {
    return cronWords(expression.trim(), { use24HourTimeFormat: true, verbose: false });
  } catch {
    return undefined;
  }
}

const ISO_UNITS: readonly (readonly [RegExp, string])[] = [
  [/(\d+)W/, 'week'],
  [/(\d+)D/, 'day'],
  [/T.*?(\d+)H/, 'hour'],
  [/T.*?(\d+)M/, 'minute'],
  [/T.*?(\d+(?:\.\d+)?)S/, 'second'],
];

const SHORT_UNITS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
};

/** `PT1H30M`, `1h30m` → `Every 1 hour 30 minutes`; other text as it is. */
export function wordsOfPeriod(period: string): string {
  const iso = ISO_UNITS.flatMap(([pattern, unit]) => {
    const [, count] = pattern.exec(period) ?? [];
    return count === undefined || Number(count) === 0 ? [] : [counted(count, unit)];
  });
  const short = /^(\d+[smhdw])+$/.test(period)
    ? [...period.matchAll(/(\d+)([smhdw])/g)].map(([, count = '', unit = '']) =>
        counted(count, SHORT_UNITS[unit] ?? unit),
      )
    : [];
  const parts = period.startsWith('P') ? iso : short;
  const text = parts.length > 0 ? parts.join(' ') : period;
  return `Every ${text.replace(/^1 (week|day|hour|minute|second)$/, '$1')}`;
}

const counted = (count: string, unit: string): string =>
  `${count} ${unit}${count === '1' ? '' : 's'}`;

export interface Words {
  readonly when: string;
  /** Where it is counted: a zone, or nothing for elapsed time. */
  readonly zone: string | undefined;
}

/** From the core's own short form: `cron 30 2 * * * in Europe/Berlin`, `every PT5M from …`, `at … in …`. */
export function wordsOfTrigger(trigger: string): Words {
  const cron = /^cron (.+) in (\S+)$/.exec(trigger);
  if (cron) return { when: wordsOfCron(cron[1] ?? '') ?? cron[1] ?? trigger, zone: cron[2] };
  const every = /^every (\S+) from /.exec(trigger);
  if (every) return { when: wordsOfPeriod(every[1] ?? ''), zone: undefined };
  const once = /^at (\S+?)(?: in (\S+))?$/.exec(trigger);
  if (once) return { when: `Once, ${(once[1] ?? '').replace('T', ' ')}`, zone: once[2] };
  return { when: trigger, zone: undefined };
}
