// The console's tables, by numbered steps: only ever append. Instants are epoch milliseconds, agents and schedules compact integers.
import type { Migration } from '#shared/node/sqlite.ts';

const first = `
CREATE TABLE agents (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  binding TEXT,
  hello TEXT,
  hello_at INTEGER,
  status TEXT,
  status_at INTEGER,
  birth_epoch INTEGER NOT NULL DEFAULT 0,
  online INTEGER,
  last_report_at INTEGER,
  cursor_at INTEGER
);
-- The head of each incarnation's log as far as it is stored here; receipt is the machine's own signed head.
CREATE TABLE heads (
  agent INTEGER NOT NULL REFERENCES agents,
  incarnation INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  receipt TEXT,
  PRIMARY KEY (agent, incarnation)
) WITHOUT ROWID;
CREATE TABLE documents (
  id INTEGER PRIMARY KEY,
  doc_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  payload TEXT NOT NULL,
  envelope BLOB NOT NULL,
  stored_at INTEGER NOT NULL,
  sent_at INTEGER
);
CREATE INDEX documents_by_name ON documents (kind, name, epoch, revision);
-- The newest document of each name a machine should have; sent_at is null until the broker took it.
CREATE TABLE desired (
  agent INTEGER NOT NULL REFERENCES agents,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  document INTEGER NOT NULL REFERENCES documents,
  sent_at INTEGER,
  PRIMARY KEY (agent, kind, name)
) WITHOUT ROWID;
CREATE INDEX desired_unsent ON desired (document, agent) WHERE sent_at IS NULL;
CREATE INDEX desired_by_name ON desired (kind, name);
-- Messages as received, still signed: what verify reads again.
CREATE TABLE reports (
  id INTEGER PRIMARY KEY,
  agent INTEGER NOT NULL REFERENCES agents,
  incarnation INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  message BLOB NOT NULL
);
CREATE INDEX reports_by_agent ON reports (agent, incarnation, from_seq);
CREATE TABLE events (
  agent INTEGER NOT NULL REFERENCES agents,
  incarnation INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (agent, incarnation, seq)
) WITHOUT ROWID;
CREATE INDEX events_of_plan ON events (agent, incarnation, seq) WHERE kind IN
  ('document-applied', 'paused', 'resumed', 'held', 'released', 'clock', 'loss');
-- Ranges a machine states to have no more: recorded, never filled in.
CREATE TABLE losses (
  agent INTEGER NOT NULL REFERENCES agents,
  incarnation INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (agent, incarnation, from_seq)
) WITHOUT ROWID;
CREATE TABLE schedules (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE ledger (
  agent INTEGER NOT NULL REFERENCES agents,
  schedule INTEGER NOT NULL REFERENCES schedules,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  disposition TEXT NOT NULL,
  reason TEXT,
  detail TEXT,
  run TEXT,
  PRIMARY KEY (agent, schedule, from_at)
) WITHOUT ROWID;
CREATE INDEX ledger_by_time ON ledger (from_at);
-- order_at: nominal instant, or for manual runs when they were first seen. Never changes, so pages stay put.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL UNIQUE,
  agent INTEGER NOT NULL REFERENCES agents,
  schedule INTEGER NOT NULL REFERENCES schedules,
  order_at INTEGER NOT NULL,
  nominal_at INTEGER,
  due_at INTEGER,
  cause TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  exit_code INTEGER
);
CREATE INDEX runs_by_time ON runs (order_at);
CREATE INDEX runs_by_agent ON runs (agent, order_at);
CREATE INDEX runs_by_schedule ON runs (schedule, order_at);
CREATE INDEX runs_by_state ON runs (state, order_at);
CREATE TABLE attempts (
  run INTEGER NOT NULL REFERENCES runs,
  attempt INTEGER NOT NULL,
  cause TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  outcome TEXT,
  exit_code INTEGER,
  signal TEXT,
  output_bytes INTEGER NOT NULL DEFAULT 0,
  truncated INTEGER NOT NULL DEFAULT 0,
  isolation TEXT NOT NULL DEFAULT '',
  -- Where the attempt-finished event with the output stands.
  incarnation INTEGER,
  seq INTEGER,
  PRIMARY KEY (run, attempt)
) WITHOUT ROWID;
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  secret TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  uses_left INTEGER NOT NULL,
  labels TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
-- What a machine was answered, for the case that the answer got lost.
CREATE TABLE enrolments (
  agent TEXT PRIMARY KEY,
  token TEXT NOT NULL,
  sign_key TEXT NOT NULL,
  seal_key TEXT NOT NULL,
  credential TEXT,
  at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE alarms (
  agent INTEGER NOT NULL REFERENCES agents,
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (agent, code)
) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

export const migrations: readonly Migration[] = [first];
