// A command arrives: only for this very session, once, and soon. Accepted ones are durable before they act.
import { z } from 'zod';
import type { SchedulerControl } from '#agent/ports.ts';
import type { Now } from '#shared/clock.ts';
import { formatInstant, splitScheduleKey } from '#shared/ids.ts';
import type { BrokerMessage } from '#shared/protocol/broker.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { CommandTarget } from '#shared/trust/authorize.ts';
import { commandTarget } from '#shared/trust/authorize.ts';
import type { CommandDocument } from '#shared/trust/documents.ts';
import { openEnvelope } from '#shared/trust/envelope.ts';
import { signingKeys } from '#shared/trust/trust-document.ts';
import { verifyCommand } from '#shared/trust/verify-down.ts';
import type { Documents } from './apply-document.ts';
import type { Context } from './context.ts';
import type { Floor } from './floor.ts';
import type { Hold } from './hold.ts';

/** What is installed and running, for judging what a command is about. */
export interface Lookup {
  readonly jobKind: (scheduleKey: string) => string | undefined;
  /** Schedule key of a run. */
  readonly scheduleOf: (run: string) => string | undefined;
}

export interface CommandsOptions {
  readonly context: Context;
  readonly documents: Documents;
  readonly floor: Floor;
  readonly hold: Hold;
  readonly scheduler: SchedulerControl;
  readonly lookup: Lookup;
  readonly onChange: () => void;
}

export interface Commands {
  /** One message from `down/cmd`. Never throws for what it holds. */
  readonly receive: (message: Pick<BrokerMessage, 'topic' | 'payload'>, now: Now) => void;
}

const NAME = 'nonces';
const noncesSchema = z.strictObject({
  session: z.string(),
  /** End of validity by nonce: beyond it a command is EXPIRED anyway. */
  untilMs: z.record(z.string(), z.number()),
});

export function openCommands(options: CommandsOptions): Commands {
  const { context, documents, floor, scheduler } = options;
  const { store, identity, session, crypto, log } = context;
  let seen = loadNonces(store.meta.get(NAME), session.id);

  const remember = ({ nonce, notAfterMs }: CommandDocument, monoMs: number): void => {
    const living = Object.entries(seen).filter(([, untilMs]) => untilMs >= monoMs);
    seen = Object.fromEntries([...living, [nonce, notAfterMs]]);
    store.meta.set(NAME, JSON.stringify({ session: session.id, untilMs: seen }));
  };

  const receive: Commands['receive'] = ({ topic, payload }, now) => {
    if (payload.byteLength === 0) return;
    const taken = take(payload, now);
    if (!taken.ok) documents.refuse(taken.fault, topic, now);
  };

  const take = (payload: Uint8Array, now: Now): Result<void> => {
    const trust = documents.trust();
    if (!trust) return err('KEY_UNKNOWN', 'there is no trust document yet');
    const keyOf = signingKeys(trust);
    const opened = openEnvelope(payload, { expectKinds: ['command'], keyOf, crypto });
    if (!opened.ok) return opened;
    const sessionMonoMs = now.monoMs - session.startMs;
    const verified = verifyCommand(
      {
        trust,
        agent: identity.agent,
        floorAt: floor.at(now),
        machine: documents.machine(),
        target: targetOf(opened.value.payload, options.lookup),
        session: session.id,
        sessionMonoMs,
        seenNonce: (nonce) => Object.hasOwn(seen, nonce),
      },
      opened.value,
    );
    if (!verified.ok) return verified;
    const { document, docId } = verified.value;
    const { verb } = document.command;
    const at = formatInstant(now.wallAt);
    store.transaction(() => {
      remember(document, sessionMonoMs);
      store.log.append([{ kind: 'command-accepted', at, docId, nonce: document.nonce, verb }]);
    });
    const done = act(document, now);
    log.info({ verb, docId, nonce: document.nonce }, done.ok ? 'command done' : 'command failed');
    options.onChange();
    return done.ok ? done : { ok: false, fault: { ...done.fault, ids: { docId } } };
  };

  const act = ({ command, nonce }: CommandDocument, now: Now): Result<void> => {
    switch (command.verb) {
      case 'run': {
        const started = scheduler.runNow(command.schedule, nonce, now);
        return started.ok ? ok(undefined) : started;
      }
      case 'cancel':
        return scheduler.cancelRun(command.run, nonce, now);
      case 'pause':
        return scheduler.pause(command.schedule, nonce, now);
      case 'resume':
        // An operator's word on the whole machine ends every hold: he was told why it stands.
        if (command.schedule === null) options.hold.releaseAll(now);
        return scheduler.resume(command.schedule, nonce, now);
    }
  };

  return { receive };
}

/** The command as this machine understands it: the stream of a run, the kind of job of a schedule. */
function targetOf(document: CommandDocument, lookup: Lookup): CommandTarget {
  const { command } = document;
  if (command.verb === 'cancel') {
    const key = lookup.scheduleOf(command.run);
    return key === undefined ? commandTarget(document) : { stream: splitScheduleKey(key).stream };
  }
  const said = commandTarget(document);
  const jobKind = command.verb === 'run' ? lookup.jobKind(command.schedule) : undefined;
  return jobKind === undefined ? said : { ...said, jobKind };
}

/** Nonces of another session are worth nothing: its commands are refused by their session. */
function loadNonces(text: string | undefined, session: string): Record<string, number> {
  if (text === undefined) return {};
  const stored = noncesSchema.safeParse(JSON.parse(text));
  return stored.success && stored.data.session === session ? stored.data.untilMs : {};
}
