// The report pump against a link that dies of some batches, with a real store and real signatures.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Context } from '#agent/daemon/context.ts';
import { createReportPump, type ReportPump } from '#agent/daemon/report.ts';
import { type OpenedStore, openAgentStore } from '#agent/store/open.ts';
import { nodeCrypto } from '#shared/node/ed25519.ts';
import { packReport, unpackReport } from '#shared/node/gzip.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { MAX_IN_FLIGHT } from '#shared/protocol/broker.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import { type ChainCursor, verifyReportChain } from '#shared/trust/chain.ts';
import type { DeviceDocument, ReportDocument } from '#shared/trust/documents.ts';
import { verifyReport } from '#shared/trust/verify-up.ts';
import { AGENT, FLEET, newKey, until } from './parts.ts';

const signer = newKey();
const device: DeviceDocument = {
  kind: 'device',
  fleet: FLEET,
  agent: AGENT,
  generation: 1,
  signKey: encodeBase64(signer.publicRaw),
  sealKey: encodeBase64(signer.publicRaw),
  labels: {},
  revoked: false,
  issuedAt: '2026-01-01T00:00:00Z',
};
let dir: string;
let store: OpenedStore;
let pump: ReportPump;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-pump-'));
  store = openAgentStore(join(dir, 'agent.db'), { fleet: FLEET, agent: AGENT });
  const silence = (): void => undefined;
  const context = {
    identity: { fleet: FLEET, agent: AGENT },
    store,
    signer,
    crypto: nodeCrypto,
    clock: systemClock,
    log: { debug: silence, info: silence, warn: silence, error: silence },
  } as unknown as Context;
  pump = createReportPump(context, { pack: packReport, cursorAt: Date.now, lingerMs: 5 });
});
afterEach(() => {
  pump.stop();
  store.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
});

const append = (count: number, poison?: number): void =>
  store.log.append(
    Array.from({ length: count }, (_, n) => ({
      kind: 'state' as const,
      at: '2026-01-01T00:00:00Z',
      code: n + 1 === poison ? 'POISON' : 'TEST',
      detail: `entry ${n + 1}`,
    })),
  );

function open(bytes: Uint8Array): ReportDocument {
  const raw = unpackReport(bytes);
  const report = raw.ok ? verifyReport(raw.value, device, nodeCrypto) : raw;
  if (!report.ok) throw new Error(report.fault.message);
  return report.value.payload;
}

it('never has more than 16 batches under way, and PUBACK alone lets the next go', async () => {
  append(64 * 40);
  const waiting: ((result: Result<void>) => void)[] = [];
  const sent: ReportDocument[] = [];
  pump.start((bytes) => {
    sent.push(open(bytes));
    return new Promise((resolve) => waiting.push(resolve));
  });
  expect(sent).toHaveLength(MAX_IN_FLIGHT);
  waiting.shift()?.(ok(undefined));
  await until('the next', () => sent.length === MAX_IN_FLIGHT + 1);
  expect(store.log.acknowledged().seq).toBe(0);
});

it('a batch that closed the connection three times is split; the entry at fault is stated lost', async () => {
  append(200, 77);
  let cursor: ChainCursor | undefined;
  const got: number[] = [];
  let isLost = false;
  const connect = (): void => {
    let isOpen = true;
    pump.start(async (bytes) => {
      const report = open(bytes);
      await new Promise((resolve) => setImmediate(resolve));
      if (!isOpen) return err('CLOSED', 'closed');
      if (report.entries.some((entry) => entry.includes('POISON'))) {
        isOpen = false;
        pump.stop();
        setImmediate(connect);
        return err('CLOSED', 'closed');
      }
      const joined = verifyReportChain(report, cursor, sha256);
      if (!joined.ok) return ok(undefined);
      cursor = joined.value.cursor;
      isLost ||= joined.value.skipped;
      for (let seq = report.from; seq <= report.to; seq++) got.push(seq);
      store.log.acknowledge(report.head);
      pump.acknowledged();
      return ok(undefined);
    });
  };
  connect();
  await until('the end of the log', () => cursor?.seq === store.log.head().seq);
  expect(isLost).toBe(true);
  expect(got).not.toContain(77);
  expect(new Set(got).size).toBe(store.log.head().seq - 1);
  const told = store.log.read(201, 10).map(({ bytes }) => JSON.parse(bytes));
  expect(told).toMatchObject([
    { kind: 'loss', from: 77, to: 77 },
    { kind: 'state', code: 'REPORT_PARKED' },
  ]);
});
