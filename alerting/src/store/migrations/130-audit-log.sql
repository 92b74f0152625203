-- Rewrites: nothing.
-- What was done through the API, by whom; the newest 100,000 of 90 days.
CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  -- The name of a token, or who else it was.
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  -- As silence.save.
  action TEXT NOT NULL,
  -- The id of what was acted on; may be empty.
  target TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'refused', 'failed')),
  -- In words; may be empty.
  note TEXT NOT NULL
) STRICT;
CREATE INDEX audit_log_at ON audit_log (at_ms);
