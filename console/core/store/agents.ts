// Machines: their device document, last words and presence.

import { z } from 'zod';
import type { AgentRecord, AgentTable } from '#console/core/ports.ts';
import type { Db } from '#shared/node/sqlite.ts';
import { helloDocumentSchema, statusDocumentSchema } from '#shared/trust/documents.ts';

interface Row {
  readonly id: number;
  readonly name: string;
  readonly generation: number;
  readonly sign_key: string;
  readonly seal_key: string;
  readonly binding: string | null;
  readonly labels: string;
  readonly revoked: number;
  readonly hello: string | null;
  readonly hello_at: number | null;
  readonly status: string | null;
  readonly birth_epoch: number;
  readonly online: number | null;
  readonly last_report_at: number | null;
  readonly cursor_at: number | null;
}

const labelsSchema = z.record(z.string(), z.string());

/** Prepared statements over `agents`. Records are parsed at most once per change of a machine. */
export function agentTable(db: Db): AgentTable {
  const cache = new Map<number, AgentRecord>();
  const byName = db.prepare<[string], Row>('SELECT * FROM agents WHERE name = ?');
  const byId = db.prepare<[number], Row>('SELECT * FROM agents WHERE id = ?');
  const all = db.prepare<[], Row>('SELECT * FROM agents ORDER BY name');
  const put =
    db.prepare(`INSERT INTO agents (name, generation, sign_key, seal_key, labels, revoked, binding)
    VALUES (@agent, @generation, @signKey, @sealKey, @labels, @revoked, @binding)
    ON CONFLICT (name) DO UPDATE SET generation = excluded.generation, sign_key = excluded.sign_key,
      seal_key = excluded.seal_key, labels = excluded.labels, revoked = excluded.revoked,
      binding = coalesce(excluded.binding, binding)`);
  const hello = db.prepare('UPDATE agents SET hello = ?, hello_at = ? WHERE id = ?');
  const status = db.prepare('UPDATE agents SET status = ?, status_at = ? WHERE id = ?');
  const presence = db.prepare('UPDATE agents SET birth_epoch = ?, online = ? WHERE id = ?');
  const reported = db.prepare(`UPDATE agents SET last_report_at = ?1,
    cursor_at = max(coalesce(cursor_at, ?2), ?2) WHERE id = ?3`);

  const record = (row: Row | undefined): AgentRecord | undefined => {
    if (row === undefined) return undefined;
    const parsed = cache.get(row.id) ?? parseRow(row);
    cache.set(row.id, parsed);
    return parsed;
  };
  const change = (id: number, work: () => void): void => {
    work();
    cache.delete(id);
  };
  return {
    byName: (agent) => record(byName.get(agent)),
    byId: (id) => record(byId.get(id)),
    list: () => all.all().map((row) => record(row) as AgentRecord),
    putDevice: (device, binding) => {
      const { agent, generation, signKey, sealKey } = device;
      put.run({
        ...{ agent, generation, signKey, sealKey, binding },
        labels: JSON.stringify(device.labels),
        revoked: device.revoked ? 1 : 0,
      });
      const row = byName.get(agent) as Row;
      cache.delete(row.id);
      return record(row) as AgentRecord;
    },
    setHello: (id, value, at) => change(id, () => hello.run(JSON.stringify(value), at, id)),
    setStatus: (id, value, at) => change(id, () => status.run(JSON.stringify(value), at, id)),
    setPresence: (id, epoch, online) => change(id, () => presence.run(epoch, online ? 1 : 0, id)),
    setReported: (id, at, cursorAt) => change(id, () => reported.run(at, cursorAt, id)),
  };
}

const parseRow = (row: Row): AgentRecord => ({
  id: row.id,
  agent: row.name,
  generation: row.generation,
  signKey: row.sign_key,
  sealKey: row.seal_key,
  binding: row.binding,
  labels: labelsSchema.parse(JSON.parse(row.labels)),
  revoked: row.revoked === 1,
  hello: row.hello === null ? null : helloDocumentSchema.parse(JSON.parse(row.hello)),
  helloAt: row.hello_at,
  status: row.status === null ? null : statusDocumentSchema.parse(JSON.parse(row.status)),
  birthEpoch: row.birth_epoch,
  online: row.online === null ? null : row.online === 1,
  lastReportAt: row.last_report_at,
  cursorAt: row.cursor_at,
});
