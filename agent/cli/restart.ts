// `muster-agent restart`: the service anew, its jobs untouched.
import { openService, runCommands, type ServiceFlags } from './service.ts';
import { EXIT, fail, type World } from './terminal.ts';

export async function restart(world: World, flags: ServiceFlags): Promise<number> {
  // The package's own data directory is what its service has, named or not.
  const service = openService(world, flags);
  if (!service.ok) return fail(world, service.fault, false);
  const { manager, request } = service.value;
  const restarted = runCommands(manager.restart(request));
  if (!restarted.ok) return fail(world, restarted.fault, false);
  world.out(`Started anew (${manager.name}).\n`);
  return EXIT.ok;
}
