-- Rewrites: nothing.
-- Silences; one that is expired stays for 120 hours, so that people see what was muted.
CREATE TABLE silences (
  id TEXT PRIMARY KEY,
  -- JSON: [{ name, op, value }].
  matchers TEXT NOT NULL,
  starts_at_ms INTEGER NOT NULL,
  ends_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  comment TEXT NOT NULL,
  -- Another one with each change: what is kept in memory is held against it.
  revision TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX silences_end ON silences (ends_at_ms);

-- One row: another text whenever any silence has changed.
CREATE TABLE silences_revision (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  revision TEXT NOT NULL
) STRICT;
INSERT INTO silences_revision VALUES (1, 'none');
