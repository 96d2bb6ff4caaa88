// `muster-agent uninstall`: the service goes; keys, log and policy stay unless they are to go, too.
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { dataDirectory, SYSTEM_POLICY } from '#agent/config.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { openService, runCommands, type ServiceFlags } from './service.ts';
import { EXIT, fail, type World } from './terminal.ts';

export interface UninstallFlags extends ServiceFlags {
  readonly purge?: boolean;
}

export async function uninstall(world: World, flags: UninstallFlags): Promise<number> {
  const purge = flags.purge === true;
  const service = openService(world, flags);
  if (!service.ok) return fail(world, service.fault, false);
  const { manager, request } = service.value;
  const safe = purge ? checkPurge(request.data) : ok(undefined);
  if (!safe.ok) return fail(world, safe.fault, false);
  const disabled = runCommands(manager.disable(request, purge));
  if (!disabled.ok) return fail(world, disabled.fault, false);
  for (const { path } of manager.files(request)) rmSync(path, { force: true });
  if (purge) removeData(request.data);
  const forgotten = runCommands(manager.forget(request, purge));
  if (!forgotten.ok) return fail(world, forgotten.fault, false);
  world.out(
    purge ? 'The service and all its data are gone.\n' : `Data stays in ${request.data}.\n`,
  );
  if (request.packaged) world.out('The program itself goes with: apt-get remove muster-agent\n');
  return EXIT.ok;
}

/** A mistyped --data must not cost a home directory. Fault: NOT_AN_AGENT. */
function checkPurge(data: string): Result<void> {
  const { database, identity, lock, signKey } = dataDirectory(data);
  const known = [database, identity, lock, signKey].some((path) => existsSync(path));
  if (known || !existsSync(data) || readdirSync(data).length === 0) return ok(undefined);
  return err('NOT_AN_AGENT', `${data} holds no agent's data and is not removed`, {
    hint: 'give the directory that was named at `muster-agent install`',
  });
}

function removeData(data: string): void {
  rmSync(data, { recursive: true, force: true });
  rmSync(SYSTEM_POLICY, { force: true });
  const directory = dirname(SYSTEM_POLICY);
  if (existsSync(directory) && readdirSync(directory).length === 0) rmdirSync(directory);
}
