// Kind `exec`: one program with its arguments, no shell in between.
import { z } from 'zod';
import { argumentSchema, directorySchema, envSchema, type JobKind, quoteArgument } from './kind.ts';

const schema = z.strictObject({
  kind: z.literal('exec'),
  argv: z.array(argumentSchema).min(1).max(256),
  env: envSchema.optional(),
  cwd: directorySchema.optional(),
});
type ExecJob = z.infer<typeof schema>;

export const execJob: JobKind<ExecJob> & { readonly schema: typeof schema } = {
  schema,
  describe: (job) => job.argv.map(quoteArgument).join(' '),
  toLaunch: (job) => ({
    argv: job.argv,
    env: job.env ?? {},
    ...(job.cwd === undefined ? {} : { cwd: job.cwd }),
  }),
};
