-- Rewrites: nothing.
-- The rules alerts were raised by. A configured rule finds its row again by group, name and labels (and file where that is
-- not enough), so a rule that moves keeps the state of its alerts.
CREATE TABLE rules (
  id INTEGER PRIMARY KEY,
  -- 'file': written by somebody; 'builtin': Tocsin's own rules about rules.
  kind TEXT NOT NULL CHECK (kind IN ('file', 'builtin')),
  file TEXT NOT NULL,
  group_name TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The rule's labels before templates are filled in, JSON with sorted names.
  labels TEXT NOT NULL,
  -- The last evaluation that decided something, Unix milliseconds; NULL before the first.
  evaluated_at_ms INTEGER
) STRICT;

-- The alerts of a rule that are pending or firing. A resolved one has gone to the alert store and has no row here.
CREATE TABLE rule_alerts (
  rule_id INTEGER NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
  -- 16 hex digits over the alert's labels.
  fingerprint TEXT NOT NULL,
  labels TEXT NOT NULL,
  annotations TEXT NOT NULL,
  -- NULL is NaN.
  value REAL,
  active_at_ms INTEGER NOT NULL,
  -- NULL while pending.
  fired_at_ms INTEGER,
  -- Since when it is only kept firing by keep_firing_for.
  keep_firing_since_ms INTEGER,
  PRIMARY KEY (rule_id, fingerprint)
) STRICT, WITHOUT ROWID;
