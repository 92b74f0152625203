-- Rewrites: nothing.
-- What each channel of a receiver was last told about a group: what decides whether it is told again.
CREATE TABLE notification_log (
  group_key TEXT NOT NULL,
  receiver TEXT NOT NULL,
  channel TEXT NOT NULL,
  channel_index INTEGER NOT NULL,
  notified_at_ms INTEGER NOT NULL,
  -- The newest notification and the first one of the same trouble; NULL where nothing was sent.
  notification_id TEXT,
  thread_id TEXT,
  -- Fingerprints, JSON arrays.
  firing TEXT NOT NULL,
  resolved TEXT NOT NULL,
  -- 1: the channel refused the newest notification for good.
  failed INTEGER NOT NULL CHECK (failed IN (0, 1)),
  PRIMARY KEY (group_key, receiver, channel, channel_index)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_log_id ON notification_log (notification_id);

-- Notifications, written before they are sent and marked after the channel confirmed.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  -- The idempotency key: the same through all attempts.
  id TEXT NOT NULL UNIQUE,
  group_key TEXT NOT NULL,
  receiver TEXT NOT NULL,
  channel TEXT NOT NULL,
  channel_index INTEGER NOT NULL,
  -- Why it was made, as `new_firing`.
  cause TEXT NOT NULL,
  title TEXT NOT NULL,
  -- The notification as JSON; NULL once it is done.
  payload TEXT,
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed', 'superseded')),
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at_ms INTEGER NOT NULL,
  next_attempt_at_ms INTEGER NOT NULL,
  done_at_ms INTEGER,
  -- Of the last attempt: the word from the closed set, and a sentence without secrets.
  last_reason TEXT,
  last_detail TEXT,
  superseded_by TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (receiver, channel, channel_index, next_attempt_at_ms) WHERE status = 'pending';
CREATE INDEX outbox_lane ON outbox (receiver, channel, channel_index, group_key) WHERE status = 'pending';
CREATE INDEX outbox_done ON outbox (done_at_ms) WHERE done_at_ms IS NOT NULL;
