// `muster-agent run`: the daemon in the foreground, one per data directory, until a signal; jobs go on.

import { type Daemon, startDaemon } from '#agent/compose.ts';
import { chooseData, dataDirectory } from '#agent/config.ts';
import { takeLock } from '#agent/files/lock.ts';
import { openNotifier, startHeartbeat } from '#agent/service/notify.ts';
import { err } from '#shared/result.ts';
import { openEnrolled } from './enrolled.ts';
import { createLog, type LogLevel } from './log.ts';
import { EXIT, fail, type World } from './terminal.ts';

export interface RunFlags {
  readonly data?: string;
  readonly logLevel: LogLevel;
}

export async function run(world: World, flags: RunFlags): Promise<number> {
  const data = dataDirectory(chooseData(flags.data, world.env, world.uid === 0));
  const enrolled = openEnrolled(data);
  if (!enrolled.ok) return fail(world, enrolled.fault, false);
  const lock = takeLock(data.lock);
  if (!lock.ok) return fail(world, lock.fault, false);
  const stopped = nextSignal();
  const log = createLog(world, flags.logLevel);
  let daemon: Daemon;
  try {
    daemon = await startDaemon({ data, enrolled: enrolled.value, log, uid: world.uid });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const hint = '`muster-agent doctor` looks for the cause';
    return fail(world, err('START_FAILED', why, { hint }).fault, false);
  }
  const { agent } = enrolled.value.identity;
  log.info({ agent, data: data.root, pid: process.pid }, 'ready');
  const notifier = openNotifier(world.env, process.pid);
  const quiet = notifier && startHeartbeat(notifier, daemon.pulse);
  log.info({ signal: await stopped }, 'stopping; jobs go on');
  notifier?.send('STOPPING=1');
  await daemon.close();
  quiet?.();
  notifier?.close();
  lock.value.release();
  log.info({}, 'stopped');
  return EXIT.ok;
}

/** Both ways a service manager asks for an end. A second signal kills, as it does by default. */
function nextSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  return promise;
}
