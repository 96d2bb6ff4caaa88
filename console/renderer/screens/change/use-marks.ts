// The coming times of a schedule as it is and as the draft says, for the strip of a review.
import type { Params } from '#console/api.ts';
import { timeFields } from '#console/renderer/screens/schedules/time-fields.ts';
import { isRecord, openFile } from '#console/renderer/screens/schedules/yaml-edit.ts';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { formatInstant } from '#shared/ids.ts';
import { type Marks, marksOf, NO_TIMES, type Times } from './marks.ts';

const COUNT = 200;

export interface MarksInput {
  /** `stream/schedule` */
  readonly schedule: string;
  readonly wasThere: boolean;
  /** Text of the file to come; undefined when the stream is removed. */
  readonly text: string | undefined;
  readonly fromAt: number;
  readonly toAt: number;
}

/** Undefined until both are known. */
export function useMarks({
  schedule,
  wasThere,
  text,
  fromAt,
  toAt,
}: MarksInput): Marks | undefined {
  const after = formatInstant(Math.floor(fromAt / 1_000) * 1_000);
  const old = useApi('schedules.show', { schedule, count: 1 }, { enabled: wasThere, keep: false });
  const spec = old.data?.spec;
  const before = useApi(
    'preview.next',
    { ...(spec ? { trigger: spec.trigger } : {}), count: COUNT, after },
    { enabled: spec !== undefined && !spec.paused, keep: false },
  );
  const wanted = text === undefined ? undefined : fieldsOf(text, schedule.split('/')[1] ?? '');
  const coming = useApi(
    'preview.next',
    { ...(wanted ?? {}), count: COUNT, after },
    { enabled: wanted !== undefined, keep: false },
  );
  if (wasThere && !spec) return undefined;
  const oldTimes = spec && !spec.paused ? timesOf(before.data, toAt) : NO_TIMES;
  const newTimes = wanted ? timesOf(coming.data, toAt) : NO_TIMES;
  return oldTimes && newTimes ? marksOf(oldTimes, newTimes) : undefined;
}

function fieldsOf(
  text: string,
  id: string,
): Pick<Params<'preview.next'>, 'schedule' | 'zone'> | undefined {
  const { value } = openFile(text);
  const schedules = isRecord(value?.schedules) ? value.schedules : {};
  const own = schedules[id];
  const defaults = isRecord(value?.defaults) ? value.defaults : {};
  const fields =
    isRecord(own) && (own.paused ?? defaults.paused) !== true ? timeFields(own) : undefined;
  if (!fields) return undefined;
  const zone = typeof defaults.zone === 'string' ? { zone: defaults.zone } : {};
  return { schedule: fields, ...zone };
}

function timesOf(
  preview: { readonly occurrences: readonly { readonly at: string }[] } | undefined,
  toAt: number,
): Times | undefined {
  if (!preview) return undefined;
  const all = preview.occurrences.map(({ at }) => Date.parse(at));
  const instants = all.filter((at) => at < toAt);
  return { instants, goesOn: instants.length === COUNT };
}
