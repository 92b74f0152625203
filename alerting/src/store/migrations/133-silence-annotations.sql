-- Rewrites: nothing.
-- Annotations that the API was given with a silence.
CREATE TABLE silence_annotations (
  silence_id TEXT PRIMARY KEY,
  annotations TEXT NOT NULL
) STRICT, WITHOUT ROWID;
