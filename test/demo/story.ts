// What happens to the demo's fleet, and when: each step is a disaster Muster is made for, and says what came of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEntry } from '#console/views.ts';
import { openBroker } from '#shared/node/brokers.ts';
import { topicsOf } from '#shared/protocol/topics.ts';
import type { Fleet, Shop } from './fleet.ts';
import { sleep, until } from './processes.ts';
import { shopYaml, type Workload } from './workload.ts';

export interface Chapter {
  /** Seconds after the schedules were applied. */
  readonly at: number;
  readonly tell: string;
  readonly act: () => Promise<string | undefined>;
}

/** The chapters in order; each may return a line to tell. A thrown error ends the demo. */
export function story(fleet: Fleet, work: Workload): readonly Chapter[] {
  const [first, second, third] = fleet.shops as readonly [Shop, Shop, Shop];
  let killedRun = '';
  return [
    {
      at: 12,
      tell: `${first.name}: its link is cut; it goes on alone`,
      act: async () => void fleet.link.cut(),
    },
    {
      at: 16,
      tell: `${third.name}: stopped; it will miss what is due until it is back`,
      act: async () => void (await third.daemon.stop()),
    },
    {
      at: 20,
      tell: `${second.name}: kill -9 of the agent while its day-close runs`,
      act: async () => {
        killedRun = await untilRunning(fleet, second, 'shop/day-close');
        await second.daemon.stop('SIGKILL');
        return `${second.name}: agent is dead, run ${killedRun.slice(0, 8)} goes on without it`;
      },
    },
    {
      at: 40,
      tell: `${first.name}: the link is back; it reports what it did alone`,
      act: async () => void fleet.link.restore(),
    },
    {
      at: 42,
      tell: `${second.name}: agent starts again and asks its shim what became of the job`,
      act: async () => {
        fleet.startShop(second);
        const run = await until('the killed agent’s run', 40, async () => {
          const found = await fleet.call('runs.show', { run: killedRun });
          return found.finishedAt === null ? undefined : found;
        });
        const lines = readFileSync(work.proofFile, 'utf8')
          .split('\n')
          .filter((line) => line.startsWith(killedRun));
        if (run.state !== 'succeeded' || lines.length !== 1) {
          throw new Error(`run ${killedRun} is ${run.state}, started ${lines.length} times`);
        }
        return `${second.name}: run ${killedRun.slice(0, 8)} ${run.state}, started once, exit ${run.exitCode}, output kept`;
      },
    },
    {
      at: 48,
      tell: `${second.name}: operator pauses the till-probe by a signed command`,
      act: async () => void (await fleet.muster('pause', 'till-probe', '--agent', second.name)),
    },
    {
      at: 56,
      tell: `${third.name}: starts again, 40 s late`,
      act: async () => void fleet.startShop(third),
    },
    {
      at: 64,
      tell: `${second.name}: till-probe resumed`,
      act: async () => void (await fleet.muster('resume', 'till-probe', '--agent', second.name)),
    },
    {
      at: 68,
      tell: 'operator signs revision 2 while inventory runs wait for their splay',
      act: async () => {
        // Just after a full half minute, when every machine has an occurrence pending.
        await sleep(30_000 - (Date.now() % 30_000) + 300);
        await applyRevision(fleet, work, 2);
        return 'revision 2 is applied everywhere; what waited is superseded';
      },
    },
    {
      at: 106,
      tell: `${first.name}: somebody edits a byte of its retained schedule on the broker`,
      act: () => tamper(fleet, first),
    },
  ];
}

/** Writes, signs and publishes the shop's schedules, and waits until every machine has them. */
export async function applyRevision(fleet: Fleet, work: Workload, revision: 1 | 2): Promise<void> {
  const file = join(work.directory, `shop-${revision}.yaml`);
  writeFileSync(file, shopYaml(work, revision));
  await fleet.muster('apply', file, '--yes', '--wait', '80');
}

async function untilRunning(fleet: Fleet, shop: Shop, schedule: string): Promise<string> {
  return until(`${schedule} to run on ${shop.name}`, 40, async () => {
    const [run] = await fleet.call('runs.list', { agent: shop.name, schedule, limit: 1 });
    if (!run || run.finishedAt !== null || run.startedAt === null) return undefined;
    return Date.now() - Date.parse(run.startedAt) < 4_000 ? run.run : undefined;
  });
}

/** Does what whoever holds the broker can do: replaces a retained document by one with a byte changed. */
async function tamper(fleet: Fleet, shop: Shop): Promise<string> {
  const status = await fleet.call('core.status', {});
  const broker = openBroker(status.broker.url, brokerLogin(fleet.home));
  const topic = topicsOf(status.fleet).document(shop.name, 'schedule', 'shop');
  const original = await new Promise<Uint8Array>((resolve, reject) => {
    void broker
      .connect({ clientId: 'intruder' }, (message) => resolve(message.payload))
      .then(async (connection) => {
        if (!connection.ok) return reject(new Error(connection.fault.message));
        await connection.value.subscribe([topic]);
        setTimeout(() => void connection.value.close(), 5_000).unref();
      });
  });
  const envelope = JSON.parse(new TextDecoder().decode(original)) as { payload: string };
  const payload = Buffer.from(envelope.payload, 'base64')
    .toString()
    .replaceAll('restore checked', 'restore skipped');
  const forged = JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') });
  const connection = await broker.connect({ clientId: 'intruder2' }, () => undefined);
  if (!connection.ok) throw new Error(connection.fault.message);
  await connection.value.publish({
    topic,
    payload: new TextEncoder().encode(forged),
    retain: true,
  });
  const refusal = await until(`${shop.name} to refuse the forged document`, 20, async () => {
    const detail = await fleet.call('agents.show', { agent: shop.name });
    return detail.refused.find((it) => it.topic === topic);
  });
  await connection.value.publish({ topic, payload: original, retain: true });
  await connection.value.close();
  return `${shop.name}: refused with ${refusal.code}, and goes on with what it has`;
}

function brokerLogin(home: string): { readonly username?: string; readonly password?: string } {
  try {
    return JSON.parse(readFileSync(join(home, 'keys', 'broker.json'), 'utf8'));
  } catch {
    return {};
  }
}

/** All ledger rows the console has, page by page. */
export async function wholeLedger(fleet: Fleet): Promise<readonly LedgerEntry[]> {
  const all: LedgerEntry[] = [];
  for (const shop of fleet.shops) {
    let before: string | undefined;
    for (;;) {
      const rows = await fleet.call('ledger.list', {
        agent: shop.name,
        limit: 1_000,
        ...(before === undefined ? {} : { before }),
      });
      all.push(...rows);
      if (rows.length < 1_000) break;
      before = (rows.at(-1) as LedgerEntry).from;
    }
  }
  return all;
}
