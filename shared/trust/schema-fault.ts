// Turns the first complaint of a schema into a fault with a code, a JSON path and no hostile text.
import type { z } from 'zod';
import { idSchema } from '#shared/ids.ts';
import { directorySchema } from '#shared/jobs/kind.ts';
import { type Err, err } from '#shared/result.ts';

/** The message a schema gives for a text it cannot take: how its issues are told from others. */
const messageOf = (schema: z.ZodType, bad: string): string =>
  schema.safeParse(bad).error?.issues[0]?.message ?? '';
const ID_MESSAGE = messageOf(idSchema, '!');
const PATH_MESSAGE = messageOf(directorySchema, '/..');

/** Codes ID (a name outside the id alphabet), PATH (a directory that is not absolute and plain), else SCHEMA. */
export function schemaFault(error: z.ZodError, what: string): Err {
  const issue = error.issues[0];
  const code =
    issue?.message === ID_MESSAGE ? 'ID' : issue?.message === PATH_MESSAGE ? 'PATH' : 'SCHEMA';
  return err(code, `${what}: ${plain(issue?.message ?? 'does not fit')}`, {
    at: plain((issue?.path ?? []).map(String).join('.')),
  });
}

/** Printable ASCII only and short: the text may hold keys an attacker chose. */
const plain = (text: string): string => text.slice(0, 200).replace(/[^\x20-\x7e]/g, '?');
