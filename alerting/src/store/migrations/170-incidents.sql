-- Rewrites: nothing.
-- Alerts of one group that are somebody's to look after, until they are over.
CREATE TABLE incidents (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  -- 8 characters: people read it in messages.
  id TEXT NOT NULL UNIQUE,
  group_key TEXT NOT NULL,
  group_labels TEXT NOT NULL,
  receiver TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'acknowledged', 'muted', 'resolved')),
  -- The gravest since it began.
  severity TEXT NOT NULL,
  opened_at_ms INTEGER NOT NULL,
  -- The first time: what the mean time to acknowledge is made of.
  first_acknowledged_at_ms INTEGER,
  -- NULL unless somebody has it now.
  acknowledged_by TEXT,
  resolved_at_ms INTEGER,
  -- Where it stands in its escalation: how often the steps were gone through, and the step that is next.
  round INTEGER NOT NULL,
  step INTEGER NOT NULL,
  -- When that step is due, or when the acknowledgement ends.
  next_step_at_ms INTEGER,
  -- 1: at the last look nobody could be told.
  unheard INTEGER NOT NULL CHECK (unheard IN (0, 1)),
  -- JSON: the firing alerts (after the end those that were), at most 200; the fingerprints of all that fire; what waits for the end of quiet hours.
  alerts TEXT NOT NULL,
  firing TEXT NOT NULL,
  deferred TEXT NOT NULL,
  -- The earliest of all that is planned.
  wake_at_ms INTEGER,
  -- Nothing without an end is left without a plan: muted ones wait for their group.
  CHECK (status NOT IN ('active', 'acknowledged') OR next_step_at_ms IS NOT NULL)
) STRICT;
CREATE INDEX incidents_group ON incidents (group_key, seq);
CREATE INDEX incidents_wake ON incidents (wake_at_ms) WHERE wake_at_ms IS NOT NULL;
CREATE INDEX incidents_open ON incidents (seq) WHERE status <> 'resolved';
CREATE INDEX incidents_resolved ON incidents (resolved_at_ms) WHERE resolved_at_ms IS NOT NULL;

-- What happened to an incident, in order.
CREATE TABLE incident_events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  -- Who did it; empty: Tocsin.
  actor TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX incident_events_incident ON incident_events (incident_id, seq);

-- Who was told of an incident by which channel, and what they believe.
CREATE TABLE incident_told (
  incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
  -- `user` or `receiver`, and its name.
  person_kind TEXT NOT NULL,
  person TEXT NOT NULL,
  receiver TEXT NOT NULL,
  channel TEXT NOT NULL,
  channel_index INTEGER NOT NULL,
  told_at_ms INTEGER NOT NULL,
  -- The first notification of this incident to this channel.
  thread_id TEXT NOT NULL,
  -- 1: told that it fires, and not of its end since.
  believes INTEGER NOT NULL CHECK (believes IN (0, 1)),
  PRIMARY KEY (incident_id, person_kind, person, receiver, channel, channel_index)
) STRICT, WITHOUT ROWID;

-- Somebody else than the schedule says, for a while. Of two that overlap the later made wins.
CREATE TABLE oncall_overrides (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  schedule TEXT NOT NULL,
  user TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX oncall_overrides_schedule ON oncall_overrides (schedule, end_ms);

-- How far the history has gone to the collector. A batch that is under way keeps its key and its bounds, so that it is the same when it is sent again.
CREATE TABLE incident_export (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  exported_seq INTEGER NOT NULL,
  batch_producer TEXT,
  batch_sequence INTEGER,
  batch_last_seq INTEGER
) STRICT;
INSERT INTO incident_export (id, exported_seq) VALUES (1, 0);
