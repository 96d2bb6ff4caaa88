// Which broker carries the demo: the embedded one, a Mosquitto of its own, or one that already runs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Daemon, daemon, freePort, start, until } from './processes.ts';

export interface DemoBroker {
  readonly url: string;
  readonly describe: string;
  /** Started after `muster init`, whose home the embedded broker lives in. */
  readonly start: (home: string) => Promise<Daemon | undefined>;
}

/** `embedded`, `mosquitto` or a mqtt:// URL. */
export async function chooseBroker(choice: string, logs: string): Promise<DemoBroker> {
  if (/^mqtts?:\/\//.test(choice))
    return { url: choice, describe: choice, start: async () => undefined };
  const port = await freePort();
  const url = `mqtt://127.0.0.1:${port}`;
  const startWith = async (broker: Daemon): Promise<Daemon> => {
    await until(`the broker on port ${port}`, 15, () => reachable(port));
    return broker;
  };
  if (choice === 'mosquitto') {
    const directory = join(logs, 'mosquitto');
    return {
      url,
      describe: `Mosquitto on ${url}`,
      start: async () => {
        mkdirSync(directory, { recursive: true });
        const config = join(directory, 'mosquitto.conf');
        writeFileSync(
          config,
          `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`,
        );
        process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
        return startWith(start('mosquitto', ['-c', config], join(logs, 'mosquitto.log')));
      },
    };
  }
  if (choice !== 'embedded')
    throw new Error(`--broker ${choice}: give embedded, mosquitto or a mqtt:// URL`);
  return {
    url,
    describe: `embedded broker on ${url}`,
    start: (home) =>
      startWith(
        daemon(
          'muster',
          ['broker', '--home', home, '--port', String(port)],
          join(logs, 'broker.log'),
        ),
      ),
  };
}

function reachable(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(undefined));
  });
}
