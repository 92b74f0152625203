-- Rewrites: nothing.
-- What is no longer in `alerts`: of the last eight days, at most 100,000.
CREATE TABLE alert_history (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  fingerprint TEXT NOT NULL,
  labels TEXT NOT NULL,
  starts_at_ms INTEGER NOT NULL,
  ends_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_history_ended ON alert_history (ends_at_ms);

-- Whoever forgets an alert, or lets it begin anew: what was goes into the history.
CREATE TRIGGER alerts_forgotten BEFORE DELETE ON alerts WHEN OLD.ends_at_ms IS NOT NULL BEGIN
  INSERT INTO alert_history (fingerprint, labels, starts_at_ms, ends_at_ms)
    VALUES (OLD.fingerprint, OLD.labels, OLD.starts_at_ms, OLD.ends_at_ms);
END;
CREATE TRIGGER alerts_again BEFORE UPDATE OF starts_at_ms ON alerts
  WHEN OLD.ends_at_ms IS NOT NULL AND NEW.starts_at_ms > OLD.ends_at_ms BEGIN
  INSERT INTO alert_history (fingerprint, labels, starts_at_ms, ends_at_ms)
    VALUES (OLD.fingerprint, OLD.labels, OLD.starts_at_ms, OLD.ends_at_ms);
END;
