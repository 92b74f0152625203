-- Rewrites: nothing.
-- Alerts as their sources last said; a resolved one stays until every group has spoken of it and 15 minutes are over.
CREATE TABLE alerts (
  -- 16 hex digits over the alert's labels.
  fingerprint TEXT PRIMARY KEY,
  labels TEXT NOT NULL,
  annotations TEXT NOT NULL,
  -- NULL: there is none (or it is not a number).
  value REAL,
  starts_at_ms INTEGER NOT NULL,
  -- NULL while it fires.
  ends_at_ms INTEGER,
  updated_at_ms INTEGER NOT NULL,
  generator_url TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_ended ON alerts (ends_at_ms) WHERE ends_at_ms IS NOT NULL;

-- The groups of alerts that are spoken of together, each with the time at which it is looked at next.
CREATE TABLE alert_groups (
  -- The route's path and the group's labels.
  group_key TEXT PRIMARY KEY,
  route_id TEXT NOT NULL,
  group_labels TEXT NOT NULL,
  next_flush_at_ms INTEGER NOT NULL,
  -- 0 during group_wait.
  flushed INTEGER NOT NULL CHECK (flushed IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_groups_due ON alert_groups (next_flush_at_ms);

-- A resolved alert leaves its group with the flush that saw it resolved.
CREATE TABLE alert_group_members (
  group_key TEXT NOT NULL REFERENCES alert_groups (group_key) ON DELETE CASCADE,
  fingerprint TEXT NOT NULL REFERENCES alerts (fingerprint) ON DELETE CASCADE,
  PRIMARY KEY (group_key, fingerprint)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_group_members_alert ON alert_group_members (fingerprint);
