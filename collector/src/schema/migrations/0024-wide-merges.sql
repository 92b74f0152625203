-- Rewrites: nothing.
-- Parts wait until sixty of a size can become one (the engine lowers that by itself for what is old, or many): a row is written again once in
-- five minutes of full speed, and not six times. Rollups, which are small and read all the time, keep the engine's five.
-- Measured: docs/decisions/0015.
ALTER TABLE otel_traces MODIFY SETTING merge_selector_base = 60;
ALTER TABLE otel_logs MODIFY SETTING merge_selector_base = 60;
ALTER TABLE otel_metrics_gauge MODIFY SETTING merge_selector_base = 60;
ALTER TABLE otel_metrics_sum MODIFY SETTING merge_selector_base = 60;
ALTER TABLE otel_metrics_histogram MODIFY SETTING merge_selector_base = 60;
ALTER TABLE otel_metrics_exponential_histogram MODIFY SETTING merge_selector_base = 60;
ALTER TABLE otel_metrics_summary MODIFY SETTING merge_selector_base = 60;
