// One signed command to one live machine: prepare, show, unlock, sign, publish, and wait for what the machine does with it.
import type { Command } from 'commander';
import { z } from 'zod';
import type { Params } from '#console/api.ts';
import type { CoreLink } from '#console/server/client.ts';
import { describePayload } from '#console/signing/describe-payload.ts';
import { signDocuments } from '#console/signing/sign-documents.ts';
import type { AgentDetail, PreparedDocument } from '#console/views.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { withLiveCore } from './connect.ts';
import { printNote } from './output.ts';
import { signerOptions, unlockSigner, withSignerOptions } from './signing.ts';
import type { Answer, Context } from './verb.ts';
import { watch } from './watch.ts';

const DEFAULT_TIMEOUT_S = 30;

export const commandOptionsSchema = z.object({
  ...signerOptions,
  agent: z.string(),
  timeout: z.coerce.number().min(0).max(3_600),
});
export type CommandOptions = z.output<typeof commandOptionsSchema>;

export const withCommandOptions = (command: Command): Command =>
  withSignerOptions(command).option(
    '--timeout <seconds>',
    'how long to wait for the machine',
    String(DEFAULT_TIMEOUT_S),
  );

export interface CommandToSend {
  readonly agent: string;
  readonly command: Params<'command.prepare'>['command'];
  /** Looks whether the machine has done it: the answer, or undefined while it has not. */
  readonly settled: (core: CoreLink) => Promise<Result<Answer | undefined>>;
}

/** Faults: CORE_NOT_RUNNING, NO_ANSWER, those of signing and of the core, and the code with which the machine refused. */
export function sendCommand(
  { home, json }: Context,
  options: CommandOptions,
  { agent, command, settled }: CommandToSend,
): Promise<Result<Answer>> {
  return withLiveCore(home, async (core) => {
    // Unlocked first: the command's few minutes of life begin when it is prepared.
    const signer = await unlockSigner(home, options);
    if (!signer.ok) return signer;
    const prepared = await core.call('command.prepare', { agent, command });
    if (!prepared.ok) return prepared;
    const described = describePayload(prepared.value.kind, prepared.value.payload);
    if (!described.ok) return described;
    if (!json) for (const line of described.value) printNote(line);
    const envelopes = signDocuments([prepared.value], signer.value);
    if (!envelopes.ok) return envelopes;
    const published = await core.call('documents.publish', { envelopes: [...envelopes.value] });
    if (!published.ok) return published;
    return await settle(core, agent, prepared.value, options.timeout, settled);
  });
}

async function settle(
  core: CoreLink,
  agent: string,
  { docId }: PreparedDocument,
  timeoutS: number,
  settled: CommandToSend['settled'],
): Promise<Result<Answer>> {
  const seen = await watch<Answer | undefined>(core, timeoutS * 1_000, true, async () => {
    const done = await settled(core);
    if (!done.ok) return done;
    if (done.value) return ok({ value: done.value, done: true, progress: '' });
    const machine = await core.call('agents.show', { agent });
    if (!machine.ok) return machine;
    const refusal = refusalOf(machine.value, docId);
    return refusal ?? ok({ value: undefined, done: false, progress: '' });
  });
  if (!seen.ok) return seen;
  if (seen.value.value) return ok(seen.value.value);
  return err('NO_ANSWER', `sent, but ${agent} said nothing within ${timeoutS} s`, {
    hint: `it may still do it; see \`muster agents show ${agent}\` and \`muster runs --agent ${agent}\``,
    ids: { docId, agent },
  });
}

function refusalOf(machine: AgentDetail, docId: string): Result<never> | undefined {
  const refusal = machine.refused.find((entry) => entry.docId === docId);
  if (!refusal) return undefined;
  return err(refusal.code, `${machine.agent} refused the command`, { ids: { docId } });
}
