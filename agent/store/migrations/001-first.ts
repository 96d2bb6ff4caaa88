// Version 1: everything an agent remembers. Instants are epoch milliseconds; schedules and specs have integer keys.
export const first = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE document (
  kind TEXT NOT NULL, name TEXT NOT NULL, doc_id TEXT NOT NULL,
  epoch INTEGER NOT NULL, revision INTEGER NOT NULL, envelope BLOB NOT NULL,
  PRIMARY KEY (kind, name)
) WITHOUT ROWID;

-- total_bytes: bytes of this entry and all before it, so that the size kept is one subtraction.
CREATE TABLE log (
  seq INTEGER PRIMARY KEY, bytes TEXT NOT NULL, hash TEXT NOT NULL, total_bytes INTEGER NOT NULL
);
-- The entry before the oldest one kept: the chain goes on from here.
CREATE TABLE log_anchor (
  one INTEGER PRIMARY KEY CHECK (one = 1), incarnation INTEGER NOT NULL, seq INTEGER NOT NULL,
  hash TEXT NOT NULL, total_bytes INTEGER NOT NULL, acknowledged INTEGER NOT NULL, receipt TEXT
);

CREATE TABLE planner (one INTEGER PRIMARY KEY CHECK (one = 1), cursor_at INTEGER NOT NULL);

-- Specs are shared by digest; runs keep the one they began with.
CREATE TABLE spec (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, json TEXT NOT NULL);

CREATE TABLE schedule (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, stream TEXT NOT NULL,
  spec INTEGER NOT NULL REFERENCES spec (id), since_at INTEGER NOT NULL, next_at INTEGER,
  ahead INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX schedule_next ON schedule (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX schedule_stream ON schedule (stream);

-- What a schedule was before: rows of that time may have to be shortened when a clock is corrected.
CREATE TABLE past_spec (
  schedule INTEGER NOT NULL, since_at INTEGER NOT NULL, until_at INTEGER NOT NULL, spec INTEGER NOT NULL,
  PRIMARY KEY (schedule, since_at)
) WITHOUT ROWID;

CREATE TABLE occurrence (
  schedule INTEGER NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL,
  count INTEGER NOT NULL, due_at INTEGER NOT NULL, disposition TEXT NOT NULL,
  reason TEXT, detail TEXT, run TEXT, ready_at INTEGER,
  PRIMARY KEY (schedule, from_at)
) WITHOUT ROWID;
CREATE INDEX occurrence_ready ON occurrence (ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX occurrence_pending ON occurrence (schedule, from_at) WHERE disposition = 'pending';

CREATE TABLE run (
  run TEXT PRIMARY KEY, schedule INTEGER NOT NULL REFERENCES schedule (id),
  spec INTEGER NOT NULL REFERENCES spec (id), nominal_at INTEGER, due_at INTEGER, cause TEXT NOT NULL,
  state TEXT NOT NULL, attempt INTEGER NOT NULL, lost_attempts INTEGER NOT NULL DEFAULT 0,
  retry_at INTEGER, cancelled_by TEXT, began_at INTEGER NOT NULL, ended_at INTEGER
) WITHOUT ROWID;
CREATE INDEX run_active ON run (schedule, began_at) WHERE ended_at IS NULL;
CREATE INDEX run_retry ON run (retry_at) WHERE retry_at IS NOT NULL;

-- finished_seq: the log entry that tells the end. kept: its files are still on disk.
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY, run TEXT NOT NULL, attempt INTEGER NOT NULL, boot_id TEXT NOT NULL,
  began_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER, outcome TEXT,
  exit_code INTEGER, signal TEXT, output_bytes INTEGER, finished_seq INTEGER, kept INTEGER NOT NULL DEFAULT 1,
  UNIQUE (run, attempt)
);
CREATE INDEX attempt_open ON attempt (id) WHERE finished_at IS NULL;
CREATE INDEX attempt_kept ON attempt (id, output_bytes) WHERE kept = 1 AND finished_at IS NOT NULL;

-- scope: a schedule's key, or '' for the whole machine.
CREATE TABLE pause (scope TEXT PRIMARY KEY, nonce TEXT NOT NULL) WITHOUT ROWID;
`;
