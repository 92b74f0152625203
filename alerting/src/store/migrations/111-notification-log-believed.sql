-- Rewrites: nothing.
-- Fingerprints a channel was told of as firing and not yet as over, a JSON array; NULL: those of `firing`.
ALTER TABLE notification_log ADD COLUMN believed TEXT;
