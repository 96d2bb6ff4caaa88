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

/** What counts as missed: it was to run, nobody wanted it not to, and it did not. Stands in an index, so it is one text. */
export const MISSED = `disposition IN ('expired', 'skipped')
  AND coalesce(reason, '') NOT IN ('paused', 'calendar', 'not-owner')`;

const face = `
-- One row a machine: its word in the fleet, made again when stale_at has come. Every change of a machine makes it stale.
CREATE TABLE standing (
  agent INTEGER PRIMARY KEY REFERENCES agents,
  name TEXT NOT NULL UNIQUE,
  -- Index in MACHINE_STATUSES of views.ts.
  rank INTEGER NOT NULL DEFAULT 4,
  coverage TEXT NOT NULL DEFAULT 'unknown',
  stream TEXT,
  applied INTEGER,
  wanted INTEGER,
  failed INTEGER NOT NULL DEFAULT 0,
  missed INTEGER NOT NULL DEFAULT 0,
  running INTEGER NOT NULL DEFAULT 0,
  reported_at INTEGER NOT NULL DEFAULT 0,
  heard_at INTEGER NOT NULL DEFAULT 0,
  stale_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX standing_by_rank ON standing (rank, name);
CREATE INDEX standing_by_report ON standing (reported_at, name);
CREATE INDEX standing_by_failed ON standing (failed, name);
CREATE INDEX standing_by_missed ON standing (missed, name);
CREATE INDEX standing_by_heard ON standing (heard_at, name);
CREATE INDEX standing_by_coverage ON standing (coverage, name);
CREATE INDEX standing_stale ON standing (stale_at);
CREATE TABLE labels (
  agent INTEGER NOT NULL REFERENCES agents,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (agent, name)
) WITHOUT ROWID;
CREATE INDEX labels_by_value ON labels (name, value, agent);
INSERT INTO standing (agent, name) SELECT id, name FROM agents;
INSERT INTO labels SELECT a.id, l.key, l.value FROM agents a, json_each(a.device, '$.labels') l;
CREATE TRIGGER agent_joined AFTER INSERT ON agents BEGIN
  INSERT INTO standing (agent, name) VALUES (NEW.id, NEW.name);
  INSERT INTO labels SELECT NEW.id, key, value FROM json_each(NEW.device, '$.labels');
END;
CREATE TRIGGER agent_changed AFTER UPDATE ON agents BEGIN
  UPDATE standing SET stale_at = 0 WHERE agent = NEW.id AND stale_at <> 0;
END;
CREATE TRIGGER agent_relabelled AFTER UPDATE OF device ON agents WHEN NEW.device <> OLD.device BEGIN
  DELETE FROM labels WHERE agent = NEW.id;
  INSERT INTO labels SELECT NEW.id, key, value FROM json_each(NEW.device, '$.labels');
END;
CREATE TRIGGER document_wanted AFTER INSERT ON desired BEGIN
  UPDATE standing SET stale_at = 0 WHERE agent = NEW.agent AND stale_at <> 0;
END;
CREATE TRIGGER document_replaced AFTER UPDATE OF document ON desired BEGIN
  UPDATE standing SET stale_at = 0 WHERE agent = NEW.agent AND stale_at <> 0;
END;
CREATE TRIGGER trust_stored AFTER INSERT ON documents WHEN NEW.kind = 'trust' BEGIN
  UPDATE standing SET stale_at = 0 WHERE stale_at <> 0;
END;
-- Lists by machine, by schedule and by state read what they show and no more. Most runs succeed: those stay out.
CREATE INDEX runs_by_agent_schedule ON runs (agent, schedule, order_at);
CREATE INDEX runs_unwell_by_agent ON runs (agent, state, order_at) WHERE state <> 'succeeded';
CREATE INDEX runs_unwell_by_schedule ON runs (schedule, state, order_at) WHERE state <> 'succeeded';
CREATE INDEX ledger_by_agent ON ledger (agent, from_at);
CREATE INDEX ledger_by_schedule ON ledger (schedule, from_at);
-- Only a range can reach over the beginning of a window.
CREATE INDEX ledger_ranges ON ledger (to_at, from_at) WHERE from_at <> to_at;
CREATE INDEX ledger_unrun ON ledger (agent, from_at) WHERE run IS NULL;
CREATE INDEX ledger_missed ON ledger (agent, to_at, count) WHERE ${MISSED};
-- What people are asked to sign: the bytes as shown, and the signatures so far.
CREATE TABLE proposals (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  note TEXT,
  created_at INTEGER NOT NULL,
  closed_at INTEGER,
  state TEXT NOT NULL DEFAULT 'open',
  -- JSON: texts of the files by stream.
  sources TEXT NOT NULL
);
CREATE INDEX proposals_by_state ON proposals (state, id);
CREATE TABLE proposal_documents (
  proposal INTEGER NOT NULL REFERENCES proposals,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  doc_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  persons INTEGER NOT NULL,
  PRIMARY KEY (proposal, position)
) WITHOUT ROWID;
CREATE TABLE proposal_signatures (
  proposal INTEGER NOT NULL REFERENCES proposals,
  doc_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  sig TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (proposal, doc_id, key_id)
) WITHOUT ROWID;
-- The file a published document was made from, comments and all.
CREATE TABLE sources (doc_id TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
`;

export const migrations: readonly Migration[] = [first, face];
