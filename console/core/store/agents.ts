// Machines: their device document, last words and presence.
import type { AgentRecord, AgentTable } from '#console/core/ports.ts';
import type { Db } from '#shared/node/sqlite.ts';
import {
  deviceDocumentSchema,
  helloDocumentSchema,
  statusDocumentSchema,
} from '#shared/trust/documents.ts';

interface Row {
  readonly id: number;
  readonly name: string;
  readonly device: string;
  readonly binding: string | null;
  readonly hello: string | null;
  readonly hello_at: number | null;
  readonly status: string | null;
  readonly birth_epoch: number;
  readonly online: number | null;
  readonly last_report_at: number | null;
  readonly cursor_at: number | null;
}

/** Prepared statements over `agents`. */
export function agentTable(db: Db): AgentTable {
  const byName = db.prepare<[string], Row>('SELECT * FROM agents WHERE name = ?');
  const byId = db.prepare<[number], Row>('SELECT * FROM agents WHERE id = ?');
  const all = db.prepare<[], Row>('SELECT * FROM agents ORDER BY name');
  const put = db.prepare(`INSERT INTO agents (name, device, binding) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET device = excluded.device, binding = coalesce(excluded.binding, binding)`);
  const hello = db.prepare('UPDATE agents SET hello = ?, hello_at = ? WHERE id = ?');
  const status = db.prepare('UPDATE agents SET status = ?, status_at = ? WHERE id = ?');
  const presence = db.prepare('UPDATE agents SET birth_epoch = ?, online = ? WHERE id = ?');
  const reported = db.prepare('UPDATE agents SET last_report_at = ?, cursor_at = ? WHERE id = ?');
  const forget = db.prepare('UPDATE agents SET online = NULL');
  const record = recordCache();
  return {
    byName: (agent) => record(byName.get(agent)),
    byId: (id) => record(byId.get(id)),
    list: () => all.all().map((row) => record(row) as AgentRecord),
    putDevice: (device, binding) => {
      put.run(device.agent, JSON.stringify(device), binding);
      return record(byName.get(device.agent)) as AgentRecord;
    },
    setHello: (id, value, at) => void hello.run(JSON.stringify(value), at, id),
    setStatus: (id, value, at) => void status.run(JSON.stringify(value), at, id),
    setPresence: (id, epoch, online) => void presence.run(epoch, online ? 1 : 0, id),
    forgetPresence: () => void forget.run(),
    setReported: (id, at, cursorAt) => void reported.run(at, cursorAt, id),
  };
}

/** Parsing what a machine said costs more than reading it: done again only when the row's own texts changed. */
function recordCache(): (row: Row | undefined) => AgentRecord | undefined {
  const cache = new Map<number, { readonly row: Row; readonly record: AgentRecord }>();
  return (row) => {
    if (row === undefined) return undefined;
    const known = cache.get(row.id);
    const record = parseRow(row, known);
    cache.set(row.id, { row, record });
    return record;
  };
}

function parseRow(
  row: Row,
  known: { readonly row: Row; readonly record: AgentRecord } | undefined,
): AgentRecord {
  const { record } = known ?? {};
  const device =
    record && known?.row.device === row.device
      ? record.device
      : deviceDocumentSchema.parse(JSON.parse(row.device));
  const same = <K extends 'hello' | 'status'>(key: K) => known?.row[key] === row[key];
  return {
    id: row.id,
    agent: row.name,
    device,
    labels: device.labels,
    revoked: device.revoked,
    binding: row.binding,
    hello: record && same('hello') ? record.hello : parse(helloDocumentSchema, row.hello),
    helloAt: row.hello_at,
    status: record && same('status') ? record.status : parse(statusDocumentSchema, row.status),
    birthEpoch: row.birth_epoch,
    online: row.online === null ? null : row.online === 1,
    lastReportAt: row.last_report_at,
    cursorAt: row.cursor_at,
  };
}

const parse = <T>(schema: { parse: (value: unknown) => T }, text: string | null): T | null =>
  text === null ? null : schema.parse(JSON.parse(text));
