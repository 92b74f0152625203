-- Rewrites: nothing.
-- Where the first message of a thread is, for channels that reply to it or bring it up to date.
CREATE TABLE channel_threads (
  -- receiver/kind/index.
  channel TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  handle TEXT NOT NULL,
  used_at_ms INTEGER NOT NULL,
  PRIMARY KEY (channel, thread_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_threads_used ON channel_threads (used_at_ms);

-- The key that links in messages are signed with; one row, made with the first link.
CREATE TABLE link_key (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  key BLOB NOT NULL
) STRICT;

-- What the links of a message are about, for as long as they work.
CREATE TABLE message_links (
  notification_id TEXT PRIMARY KEY,
  -- JSON: receiver, group key, labels, title.
  subject TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX message_links_expiry ON message_links (expires_at_ms);

-- 1: told in the digest that superseded it; its state follows the digest's.
ALTER TABLE outbox ADD COLUMN in_digest INTEGER NOT NULL DEFAULT 0;
-- Since when its lane waits, where it has taken the place of older ones; NULL: since it was made.
ALTER TABLE outbox ADD COLUMN waiting_since_ms INTEGER;
-- When the fallback receiver was told instead; NULL: it was not.
ALTER TABLE outbox ADD COLUMN fallback_at_ms INTEGER;
CREATE INDEX outbox_digest ON outbox (superseded_by) WHERE in_digest = 1;
CREATE INDEX outbox_stalled ON outbox (seq) WHERE status = 'pending' AND attempts > 0 AND fallback_at_ms IS NULL;
CREATE INDEX outbox_digests ON outbox (receiver, channel, channel_index) WHERE cause = 'digest';
-- For the number of messages of the last minute.
CREATE INDEX outbox_sent ON outbox (receiver, channel, channel_index, done_at_ms) WHERE status = 'delivered' AND in_digest = 0;
