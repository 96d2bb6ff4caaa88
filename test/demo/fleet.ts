// The demo's fleet: a console's home, the core, and agents with data directories and labels of their own.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MethodName, Params, Returns } from '#console/api.ts';
import type { DemoBroker } from './brokers.ts';
import { type CutLink, startCutLink } from './cut-link.ts';
import { type Daemon, daemon, freePort, must, until } from './processes.ts';

const SITES = ['berlin', 'hamburg', 'koeln', 'muenchen', 'dresden', 'bremen'] as const;

export interface Shop {
  readonly name: string;
  readonly data: string;
  daemon: Daemon;
}

export interface Fleet {
  readonly home: string;
  /** Opens the console, already logged in. */
  readonly browser: string;
  readonly shops: readonly Shop[];
  /** The link of the first shop. */
  readonly link: CutLink;
  readonly muster: (...args: readonly string[]) => Promise<string>;
  readonly call: <M extends MethodName>(method: M, params: Params<M>) => Promise<Returns<M>>;
  readonly startShop: (shop: Shop) => void;
  readonly close: () => Promise<void>;
}

/** Makes the home, starts broker and core, enrols and starts `count` agents. Everything lives below `root`. */
export async function startFleet(
  root: string,
  broker: DemoBroker,
  count: number,
  say: (text: string) => void,
): Promise<Fleet> {
  const home = join(root, 'console');
  const passphrase = join(root, 'passphrase');
  writeFileSync(passphrase, 'demo passphrase, not for real use\n', { mode: 0o600 });
  process.env.MUSTER_PASSPHRASE_FILE = passphrase;
  const muster = (...args: readonly string[]) => must('muster', [...args, '--home', home]);

  await muster('init', '--fleet', 'demo', '--broker', broker.url, '--person', 'operator');
  const running: Daemon[] = [];
  const brokerProcess = await broker.start(home);
  if (brokerProcess) running.push(brokerProcess);
  const port = await freePort();
  running.push(
    daemon(
      'muster',
      ['serve', '--home', home, '--http', `127.0.0.1:${port}`],
      join(root, 'serve.log'),
    ),
  );
  const address = `http://127.0.0.1:${port}`;
  const call = apiClient(address, home);
  await until('the console core', 20, async () =>
    (await call('core.status', {})).broker.online ? true : undefined,
  );
  const browser = `${address}/#token=${readFileSync(join(home, 'http-token'), 'utf8').trim()}`;
  say(`watch it in a browser: ${browser}`);
  say(`console core is up, with the ${broker.describe}`);

  const url = new URL(broker.url);
  const link = await startCutLink(url.hostname, Number(url.port || 1883));
  const shops: Shop[] = [];
  for (let n = 1; n <= count; n++) {
    const name = `shop-${n}`;
    const data = join(root, name);
    mkdirSync(data, { mode: 0o700 });
    const site = SITES[(n - 1) % SITES.length] as string;
    const token = JSON.parse(
      await muster('join-token', '--label', `site=${site}`, '--label', 'role=shop', '--json'),
    ).text as string;
    const way = n === 1 ? ['--broker', `${url.protocol}//127.0.0.1:${link.port}`] : [];
    await must('muster-agent', ['enrol', token, '--name', name, '--data', data, ...way]);
    shops.push({ name, data, daemon: startAgent(root, name, data) });
    say(`${name} (site=${site}) has its own keys, and a device document the console signed`);
  }
  return {
    home,
    browser,
    shops,
    link,
    muster,
    call,
    startShop: (shop) => {
      shop.daemon = startAgent(root, shop.name, shop.data);
    },
    close: async () => {
      await Promise.all(shops.map((shop) => shop.daemon.stop()));
      for (const it of running.reverse()) await it.stop();
      await link.close();
    },
  };
}

const startAgent = (root: string, name: string, data: string): Daemon =>
  daemon('muster-agent', ['run', '--data', data], join(root, `${name}.log`));

/** The core's HTTP API, as a script would use it. */
function apiClient(address: string, home: string): Fleet['call'] {
  return async (method, params) => {
    const token = readFileSync(join(home, 'http-token'), 'utf8').trim();
    const response = await fetch(`${address}/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
    const answer = (await response.json()) as {
      readonly ok: boolean;
      readonly value: never;
      readonly fault?: unknown;
    };
    if (!answer.ok) throw new Error(`${method}: ${JSON.stringify(answer.fault ?? answer)}`);
    return answer.value;
  };
}
