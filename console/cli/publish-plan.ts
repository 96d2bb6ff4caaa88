// From a plan to machines that have it: show, ask, unlock, sign, publish, watch. Shared by apply and remove.
import type { CoreLink } from '#console/server/client.ts';
import { describePayload } from '#console/signing/describe-payload.ts';
import { signDocuments } from '#console/signing/sign-documents.ts';
import type { Plan, Published } from '#console/views.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { printNote } from './output.ts';
import { planLines } from './plan-text.ts';
import { canAsk, confirm } from './prompt.ts';
import { type SignerOptions, unlockSigner } from './signing.ts';
import type { Answer, Context } from './verb.ts';
import { waitForCoverage } from './wait-coverage.ts';

/** Envelopes are at most 60 KB: so many fit one request to the core. */
const ENVELOPES_PER_CALL = 400;

export interface PublishOptions extends SignerOptions {
  readonly yes: boolean;
  /** Watch until every machine has it, at most so long; undefined = do not. */
  readonly waitMs: number | undefined;
}

/** Faults: CONFIRM (nobody to ask and no --yes), CANCELLED, those of signing and of documents.publish. */
export async function publishPlan(
  core: CoreLink,
  { home, json }: Context,
  plan: Plan,
  options: PublishOptions,
): Promise<Result<Answer>> {
  const { changes, streams, warnings } = plan;
  if (plan.documents.length === 0) {
    const lines = [...planLines(plan), 'Nothing to change.'];
    return ok({ json: { changed: false, changes, streams, warnings, published: [] }, lines });
  }
  const described = describeAll(plan);
  if (!described.ok) return described;
  // With --yes nobody reads: what changes is enough of a record.
  const toRead = options.yes ? [] : ['', 'To be signed:', ...described.value];
  if (!json) for (const line of [...planLines(plan), ...toRead]) printNote(line);
  const agreed = await agree(options.yes);
  if (!agreed.ok) return agreed;
  const signer = await unlockSigner(home, options);
  if (!signer.ok) return signer;
  const envelopes = signDocuments(plan.documents, signer.value);
  if (!envelopes.ok) return envelopes;
  const published = await publishAll(core, envelopes.value);
  if (!published.ok) return published;
  const audience = [
    ...new Set(streams.flatMap((stream) => [...stream.audience, ...stream.leaving])),
  ];
  const answer = { changed: true, changes, streams, warnings, published: published.value };
  const sentence = sentenceOf(published.value, audience.length, core.live);
  if (options.waitMs === undefined) return ok({ json: answer, lines: [sentence] });
  if (!core.live) {
    return err('CORE_NOT_RUNNING', 'stored, but nobody sends it: there is nothing to wait for', {
      hint: 'start `muster serve`; it sends what is stored',
    });
  }
  if (!json) printNote(sentence);
  const awaited = { audience, streams: streams.map(({ stream }) => stream) };
  const coverage = await waitForCoverage(core, awaited, options.waitMs, json);
  if (!coverage.ok) return coverage;
  const { lines, exit, ...counts } = coverage.value;
  return ok({ json: { ...answer, coverage: counts }, lines, exit });
}

/** Built from the bytes, so that a core which lies about a document is seen to. */
function describeAll(plan: Plan): Result<readonly string[]> {
  const lines: string[] = [];
  for (const { kind, payload } of plan.documents) {
    const described = describePayload(kind, payload);
    if (!described.ok) return described;
    lines.push(...described.value);
  }
  return ok(lines);
}

async function agree(yes: boolean): Promise<Result<void>> {
  if (yes) return ok(undefined);
  if (!canAsk()) {
    return err('CONFIRM', 'nobody is here to confirm what is to be signed', {
      hint: 'look at it with `muster diff`, then give --yes',
    });
  }
  if (await confirm('Sign and send this?')) return ok(undefined);
  return err('CANCELLED', 'not confirmed; nothing was changed');
}

async function publishAll(
  core: CoreLink,
  envelopes: readonly string[],
): Promise<Result<readonly Published[]>> {
  const published: Published[] = [];
  for (let at = 0; at < envelopes.length; at += ENVELOPES_PER_CALL) {
    const part = envelopes.slice(at, at + ENVELOPES_PER_CALL);
    const answer = await core.call('documents.publish', { envelopes: part });
    if (!answer.ok) return answer;
    published.push(...answer.value);
  }
  return ok(published);
}

function sentenceOf(published: readonly Published[], audience: number, live: boolean): string {
  const documents = `${published.length} ${published.length === 1 ? 'document' : 'documents'}`;
  const where = `${documents} for ${audience} ${audience === 1 ? 'machine' : 'machines'}`;
  if (!live) return `Signed and stored: ${where}; will be sent when \`muster serve\` runs.`;
  if (published.every(({ sent }) => sent)) return `Signed and sent: ${where}.`;
  return `Signed and stored: ${where}; will be sent when the broker is reached.`;
}
