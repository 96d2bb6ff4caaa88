// The list of trigger kinds: one line here and one file in triggers/ add a kind.
import type { Result } from '#shared/result.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import { compileAt } from './triggers/at.ts';
import { compileCron } from './triggers/cron.ts';
import { compileEvery } from './triggers/every.ts';
import type { CompiledTrigger } from './triggers/kind.ts';

type OfKind<K extends Trigger['kind']> = Extract<Trigger, { kind: K }>;

export const compilersByKind: {
  readonly [K in Trigger['kind']]: (trigger: OfKind<K>) => Result<CompiledTrigger>;
} = {
  at: compileAt,
  every: compileEvery,
  cron: compileCron,
};
