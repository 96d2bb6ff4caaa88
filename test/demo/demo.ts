// npm run demo: a whole fleet on this machine alone, put through what fleets go through, ending with the account.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { printAccount } from './account.ts';
import { chooseBroker } from './brokers.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { sleep, until } from './processes.ts';
import { applyRevision, story, wholeLedger } from './story.ts';
import { bold, dim, endProgress, green, progress, red, tell } from './terminal.ts';
import { makeWorkload, type Workload } from './workload.ts';

const HELP = `npm run demo -- [options]

  --exit               end by itself; exit code 0 only if nothing is unaccounted or doubled
  --agents N           real agent processes, 3 or more (default 3)
  --broker WHICH       embedded (default), mosquitto, or a mqtt:// URL
  --dir DIR            where everything is put (default: a new folder below the system's temporary one)

Examples
  npm run demo
  npm run demo -- --exit --broker mosquitto
  npm run demo -- --agents 6`;

const MINIMUM_OCCURRENCES = 200;
const LATEST_END_S = 150;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      exit: { type: 'boolean', default: false },
      agents: { type: 'string', default: '3' },
      broker: { type: 'string', default: 'embedded' },
      dir: { type: 'string' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) {
    say(HELP);
    return 0;
  }
  const agents = Number(values.agents);
  if (!Number.isInteger(agents) || agents < 3 || agents > 50) {
    console.error('--agents: a whole number from 3 to 50; the story needs three machines');
    return 2;
  }
  const root = values.dir ? resolve(values.dir) : mkdtempSync(join(tmpdir(), 'muster-demo-'));
  mkdirSync(root, { recursive: true });
  const broker = await chooseBroker(values.broker, root);
  const work = await makeWorkload(join(root, 'shop-files'));
  let fleet: Fleet | undefined;
  let stopped = false;
  const interrupted = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        stopped = true;
        done();
      });
    }
  });
  try {
    say(`${bold('Muster demo')}  ${agents} machines, one operator, everything below ${root}\n`);
    fleet = await startFleet(root, broker, agents, tell);
    await Promise.race([play(fleet, work, () => stopped), interrupted]);
    if (stopped) return 130;
    endProgress();
    const good = printAccount(
      await fleet.call('ledger.check', {}),
      await wholeLedger(fleet),
      work.proofFile,
    );
    if (!values.exit) {
      lookAround(fleet);
      await interrupted;
    }
    return good ? 0 : 1;
  } catch (error) {
    endProgress();
    console.error(
      red(
        `\nThe demo broke: ${error instanceof Error ? error.message : String(error)}\nLogs are in ${root}`,
      ),
    );
    return 1;
  } finally {
    say(dim('stopping …'));
    await fleet?.close();
    await work.close();
    if (values.exit && !values.dir && process.exitCode === undefined)
      rmSync(root, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Plays the chapters at their times, keeps the live line, and waits for enough occurrences. */
async function play(fleet: Fleet, work: Workload, stopped: () => boolean): Promise<void> {
  await applyRevision(fleet, work, 1);
  tell('operator signed 7 schedules; every machine verified and applied them');
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const watch = setInterval(() => void showProgress(fleet).catch(() => undefined), 1_000);
  try {
    for (const chapter of story(fleet, work)) {
      while (seconds() < chapter.at && !stopped()) await sleep(100);
      if (stopped()) return;
      tell(chapter.tell);
      const outcome = await chapter.act();
      if (outcome) tell(green(outcome));
    }
    while (!stopped() && seconds() < LATEST_END_S) {
      if ((await fleet.call('ledger.check', {})).expected >= MINIMUM_OCCURRENCES) break;
      await sleep(1_000);
    }
    tell('the machines report the rest');
    await until('every machine to report', 60, async () => {
      const { unknown } = await fleet.call('ledger.check', {});
      return unknown <= fleet.shops.length * 3 || stopped() ? true : undefined;
    });
  } finally {
    clearInterval(watch);
  }
}

async function showProgress(fleet: Fleet): Promise<void> {
  const [account, agents] = [
    await fleet.call('ledger.check', {}),
    await fleet.call('agents.list', {}),
  ];
  const links = agents.map((it) => `${it.agent} ${it.presence}`).join(', ');
  progress(
    `${account.expected} planned, ${account.accounted} accounted, ${account.unknown} unknown · ${links}`,
  );
}

function lookAround(fleet: Fleet): void {
  say(`
${bold('It stays up. Look around in a browser:')}
  ${fleet.browser}
${bold('and in another terminal:')}
  export MUSTER_HOME='${fleet.home}'
  npx muster agents
  npx muster agents show shop-1
  npx muster runs --outcome failed
  npx muster runs --agent shop-3 --limit 20
  npx muster ledger --check
  npx muster verify
${dim('Ctrl-C stops everything.')}`);
}

function say(text: string): void {
  console.log(text);
}

process.exitCode = await main();
process.exit();
