// A core that lies when told to: answers on a home's socket as `muster serve` does, with documents of the suite's choice.
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { lineReader } from '#console/server/lines.ts';
import { idOfBytes } from '#console/signing/sign-documents.ts';
import type { PreparedDocument } from '#console/views.ts';
import { createKeyFile } from '#shared/node/key-file.ts';
import { DEFAULT_CATCH_UP, DEFAULT_RETRY } from '#shared/schedule/policies.ts';

export const PASSPHRASE = 'correct horse battery';

/** A home with one person's key and nothing else; returns the key's id. */
export function makeHome(home: string): string {
  mkdirSync(join(home, 'keys'), { recursive: true });
  const key = createKeyFile(join(home, 'keys', 'person-anna.key'), 'anna', PASSPHRASE);
  if (!key.ok) throw new Error(key.fault.message);
  return key.value.keyId;
}

/** A schedule document that runs `argv` on two machines. */
export function documentWith(argv: readonly string[]): PreparedDocument {
  const payload = JSON.stringify({
    kind: 'schedule',
    fleet: 'shops',
    stream: 'backups',
    epoch: 0,
    revision: 7,
    previous: null,
    audience: ['till-1', 'till-2'],
    minTrust: 1,
    issuedAt: '2026-03-29T00:00:00Z',
    acceptUntil: '2027-03-29T00:00:00Z',
    capabilities: ['job-exec'],
    schedules: [
      {
        id: 'nightly',
        trigger: { kind: 'cron', expression: '30 2 * * *', zone: 'Europe/Berlin' },
        job: { kind: 'exec', argv },
        catchUp: DEFAULT_CATCH_UP,
        overlap: 'skip',
        retry: DEFAULT_RETRY,
        splayMs: 0,
        timeoutMs: 60_000,
        graceMs: 5_000,
        outputCapBytes: 65_536,
        onInterrupted: 'fail',
        paused: false,
      },
    ],
  });
  return {
    kind: 'schedule',
    payload,
    docId: idOfBytes({ kind: 'schedule', payload }),
    summary: ['harmless, really'],
    personsNeeded: 1,
  };
}

export interface StubCore {
  /** Documents by proposal; the suite may put in what it likes. */
  readonly proposals: Map<string, readonly PreparedDocument[]>;
  /** Envelopes that were handed over, by proposal. */
  readonly signed: Map<string, readonly string[]>;
  readonly calls: string[];
  /** Ends all connections, as a core that is killed does. */
  readonly drop: () => void;
  readonly close: () => Promise<void>;
}

type Params = { readonly proposal?: string; readonly envelopes?: readonly string[] };
interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: Params;
}

export async function startStubCore(home: string): Promise<StubCore> {
  const path = join(home, 'core.sock');
  rmSync(path, { force: true });
  const clients = new Set<Socket>();
  const proposals: StubCore['proposals'] = new Map();
  const signed: StubCore['signed'] = new Map();
  const calls: string[] = [];
  const answer = ({ method, params }: Call): unknown => {
    calls.push(method);
    const name = params.proposal ?? '';
    if (method === 'proposals.show')
      return { proposal: name, documents: proposals.get(name) ?? [] };
    if (method === 'proposals.sign') {
      signed.set(name, params.envelopes ?? []);
      return {
        proposal: name,
        state: 'published',
        signedBy: ['anna'],
        personsNeeded: 1,
        published: [],
      };
    }
    return { fleet: 'shops' };
  };
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket)).on('error', () => socket.destroy());
    const reader = lineReader(1_000_000, (line) => {
      const call = JSON.parse(line) as Call;
      socket.write(`${JSON.stringify({ id: call.id, ok: true, value: answer(call) })}\n`);
    });
    socket.on('data', (chunk: Buffer) => void reader.take(chunk));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const drop = (): void => {
    for (const client of clients) client.destroy();
  };
  return {
    ...{ proposals, signed, calls, drop },
    close: async () => {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
