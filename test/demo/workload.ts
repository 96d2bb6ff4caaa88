// What the demo runs: real jobs over real files, and the YAML an operator would write for them.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Workload {
  readonly directory: string;
  /** One line per start of a job, written by the job itself: `<run> <attempt> <schedule>`. */
  readonly proofFile: string;
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Makes a directory worth a backup and a small HTTP server worth a probe. */
export async function makeWorkload(directory: string): Promise<Workload> {
  const shop = join(directory, 'shop');
  for (let month = 1; month <= 12; month++) {
    const folder = join(shop, `orders-${String(month).padStart(2, '0')}`);
    mkdirSync(folder, { recursive: true });
    for (let n = 0; n < 8; n++) {
      const body = randomBytes(700).toString('base64');
      const digest = createHash('sha256').update(body).digest('hex');
      writeFileSync(join(folder, `order-${n}.json`), JSON.stringify({ n, month, body, digest }));
    }
  }
  mkdirSync(join(directory, 'backups'), { recursive: true });
  const server = await startServer();
  return {
    directory,
    proofFile: join(directory, 'proof.log'),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function startServer(): Promise<Server> {
  const server = createServer((_request, response) => response.end('{"till":"open"}\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Every job first signs in: this is how the demo knows, without asking Muster, what really ran and how often. */
const proof = (proofFile: string) =>
  `echo "$MUSTER_RUN_ID $MUSTER_ATTEMPT $MUSTER_SCHEDULE" >> '${proofFile}'`;

const block = (text: string, indent: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => `${indent}${line.trim()}`)
    .join('\n');

/** `revision` 2 changes the inventory job while occurrences of it wait for their splay. */
export function shopYaml(work: Workload, revision: 1 | 2): string {
  const sign = proof(work.proofFile);
  const script = (text: string) => `|\n${block(`${sign}\n${text}`, '      ')}`;
  return `# What every shop runs. Signed by the operator; each machine checks the signature itself.
stream: shop
audience: all
defaults:
  zone: Europe/Berlin
  timeout: 30s
schedules:
  till-probe:
    description: the till answers
    cron: "*/3 * * * * *"
    catchUp: none
    shell: ${script(`exec "${process.execPath}" -e 'fetch(process.argv[1]).then(async (r) => { console.log(r.status, await r.text()); process.exit(r.ok ? 0 : 1); })' '${work.url}'`)}
  disk-usage:
    description: how full is the disk
    every: PT4S
    catchUp: latest
    shell: ${script(`df -P '${work.directory}'\ndu -sk '${work.directory}'`)}
  backup:
    description: tar of the shop's orders, with checksum and a restore that is compared
    every: PT10S
    catchUp: { policy: all, limit: 20 }
    shell: ${script(`
      set -eu
      base='${work.directory}/backups/'"$MUSTER_RUN_ID"
      tar -C '${work.directory}/shop' -czf "$base.tar.gz" .
      sha256sum "$base.tar.gz" > "$base.sha256"
      sha256sum -c "$base.sha256"
      mkdir "$base.restored"
      tar -C "$base.restored" -xzf "$base.tar.gz"
      diff -r '${work.directory}/shop' "$base.restored"
      rm -r "$base.restored"
      echo "restore checked"`)}
  price-sync:
    description: fails twice and succeeds on its third attempt
    every: PT15S
    retry: { attempts: 3, initial: 1s, factor: 2, max: 5s }
    shell: ${script(`
      echo "attempt $MUSTER_ATTEMPT"
      [ "$MUSTER_ATTEMPT" -ge 3 ] || { echo "price server says 503" >&2; exit 75; }
      echo "prices are new"`)}
  label-printer:
    description: runs past its timeout, and over its own next occurrence
    every: PT10S
    timeout: 12s
    grace: 1s
    overlap: skip
    shell: ${script(`
      echo "waiting for the printer"
      sleep 600`)}
  day-close:
    description: a long job that must not be started twice
    every: PT20S
    catchUp: { policy: all, limit: 5, deadline: 15s }
    shell: ${script(`
      echo "begin"
      sleep 8
      echo "closed"`)}
  inventory:
    description: waits for each machine's own splay
    every: PT${revision === 1 ? 30 : 25}S
    splay: ${revision === 1 ? 30 : 5}s
    shell: ${script(`find '${work.directory}/shop' -type f | wc -l`)}
`;
}
