// The list of job kinds. A new kind is one file in jobs/ and one line here.
import { z } from 'zod';
import { execJob } from './jobs/exec.ts';
import type { JobKind, Launch } from './jobs/kind.ts';
import { shellJob } from './jobs/shell.ts';

export const jobSchema = z.discriminatedUnion('kind', [execJob.schema, shellJob.schema]);
export type Job = z.infer<typeof jobSchema>;

const kinds: { readonly [K in Job['kind']]: JobKind<Extract<Job, { kind: K }>> } = {
  exec: execJob,
  shell: shellJob,
};

/** One line for people: what would run. */
export const describeJob = (job: Job): string => kindOf(job).describe(job);
/** What the launcher needs: argv, environment, directory. Data only. */
export const toLaunch = (job: Job): Launch => kindOf(job).toLaunch(job);
/** Capabilities an agent must report to be sent this job. */
export const jobCapability = (job: Job): string => `job-${job.kind}`;

const kindOf = (job: Job) => kinds[job.kind] as JobKind<Job>;
