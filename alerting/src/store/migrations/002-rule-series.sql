-- Rewrites: nothing.
-- The series (rows of a result, told apart by their labels) of rules that mind missing data. One that has been missing for long enough has no row.
CREATE TABLE rule_series (
  rule_id INTEGER NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
  -- 16 hex digits over the row's labels.
  series TEXT NOT NULL,
  labels TEXT NOT NULL,
  -- NULL while it is there, Unix milliseconds otherwise.
  missing_since_ms INTEGER,
  PRIMARY KEY (rule_id, series)
) STRICT, WITHOUT ROWID;

-- The series an alert was made of; empty where its rule does not mind missing data.
ALTER TABLE rule_alerts ADD COLUMN series TEXT NOT NULL DEFAULT '';
