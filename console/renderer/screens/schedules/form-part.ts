// What every part of the form over a schedule is given.
import type { YamlValue } from './yaml-edit.ts';

export interface ScheduleFormProps {
  readonly text: string;
  readonly file: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly disabled: boolean;
  /** Fault of a key of this schedule: `cron`, `timeout`. */
  readonly faultOf: (key: string) => string | undefined;
  readonly onText: (text: string) => void;
  readonly onRename: (id: string) => void;
}

export interface FormPart extends ScheduleFormProps {
  /** By path within the schedule. */
  readonly get: (...path: readonly string[]) => unknown;
  readonly set: (path: readonly string[], value: YamlValue | undefined) => void;
}

export const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
