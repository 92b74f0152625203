-- Rewrites: nothing.
-- What people write for readers of the status page: incidents, and maintenance that is announced.
CREATE TABLE status_posts (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('incident', 'maintenance')),
  title TEXT NOT NULL,
  -- JSON: names of monitors of the configuration.
  monitors TEXT NOT NULL,
  impact TEXT NOT NULL CHECK (impact IN ('none', 'degraded', 'down', 'maintenance')),
  starts_at_ms INTEGER NOT NULL,
  -- Planned, of maintenance.
  ends_at_ms INTEGER,
  -- The status of the last update, and since when it is a final one.
  status TEXT NOT NULL,
  ended_at_ms INTEGER,
  created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  CHECK ((kind = 'maintenance') = (ends_at_ms IS NOT NULL))
) STRICT;
CREATE INDEX status_posts_ended ON status_posts (ended_at_ms);

CREATE TABLE status_post_updates (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  post_id TEXT NOT NULL REFERENCES status_posts (id) ON DELETE CASCADE,
  at_ms INTEGER NOT NULL,
  status TEXT NOT NULL,
  text TEXT NOT NULL,
  -- Who wrote it: for those who ask the API, not for the public.
  actor TEXT NOT NULL
) STRICT;
CREATE INDEX status_post_updates_post ON status_post_updates (post_id, seq);
