// The embedded broker of a home as a process of its own; ends after a while where somebody runs it already.
import { loadFleet } from '#console/core/home.ts';
import { brokerDirectory } from '#console/setup/home-files.ts';
import { startEmbeddedBroker } from '#shared/node/brokers/embedded/server.ts';
import { openBrokerTls } from '#shared/node/brokers/embedded/tls.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { describeFault, type Result } from '#shared/result.ts';

/** Before the main process starts this one again. */
const ASIDE_MS = 10_000;

const home = process.argv[2];
if (home === undefined) throw new Error('the home is the first argument');

const started = await start(home);
if (started.ok) {
  process.once('SIGTERM', () => void started.value.close().finally(() => process.exit(0)));
} else if (started.fault.code === 'BROKER_RUNNING' || started.fault.code === 'BROKER_PORT_IN_USE') {
  // Somebody else runs it: looked at again when this process is started again.
  await new Promise((resolve) => setTimeout(resolve, ASIDE_MS));
  process.exit(0);
} else {
  console.error(describeFault(started.fault));
  process.exit(1);
}

async function start(of: string): Promise<Result<{ readonly close: () => Promise<void> }>> {
  const fleet = loadFleet(of);
  if (!fleet.ok) return fleet;
  const { hostname, port } = new URL(fleet.value.brokerUrl);
  const directory = brokerDirectory(of);
  const tls = openBrokerTls(directory, systemClock.now().wallAt);
  if (!tls.ok) return tls;
  return startEmbeddedBroker({
    directory,
    ...(tls.value ? { tls: tls.value } : {}),
    host: hostname,
    port: Number(port || '1883'),
    log: console.error,
  });
}
