-- Rewrites: nothing.
-- 1: the end was not told, it is resolve_timeout after the last push (Alertmanager's `Timeout`).
ALTER TABLE alerts ADD COLUMN ends_by_timeout INTEGER NOT NULL DEFAULT 0 CHECK (ends_by_timeout IN (0, 1));
