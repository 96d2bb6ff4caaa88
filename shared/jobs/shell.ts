// Kind `shell`: a script for /bin/sh. Local policy may forbid it as a whole.
import { z } from 'zod';
import { argumentSchema, directorySchema, envSchema, type JobKind } from './kind.ts';

const schema = z.strictObject({
  kind: z.literal('shell'),
  script: argumentSchema.min(1),
  env: envSchema.optional(),
  cwd: directorySchema.optional(),
});
type ShellJob = z.infer<typeof schema>;

export const shellJob: JobKind<ShellJob> & { readonly schema: typeof schema } = {
  schema,
  describe: (job) => `sh -c ${JSON.stringify(job.script)}`,
  toLaunch: (job) => ({
    argv: ['/bin/sh', '-c', job.script],
    env: job.env ?? {},
    ...(job.cwd === undefined ? {} : { cwd: job.cwd }),
  }),
};
