-- Rewrites: nothing.
-- Merges column by column from the first row on: the rows of small parts would otherwise be merged whole, which costs three times as much
-- for tables of maps and arrays. Measured: collector/bench/RESULTS.md.
ALTER TABLE otel_traces_local ON CLUSTER 'main' MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, vertical_merge_algorithm_min_columns_to_activate = 1;

ALTER TABLE otel_logs_local ON CLUSTER 'main' MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, vertical_merge_algorithm_min_columns_to_activate = 1;

ALTER TABLE otel_metrics_gauge_local ON CLUSTER 'main' MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, vertical_merge_algorithm_min_columns_to_activate = 1;

ALTER TABLE otel_metrics_sum_local ON CLUSTER 'main' MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, vertical_merge_algorithm_min_columns_to_activate = 1;

ALTER TABLE otel_metrics_histogram_local ON CLUSTER 'main' MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, vertical_merge_algorithm_min_columns_to_activate = 1;

ALTER TABLE otel_metrics_exponential_histogram_local ON CLUSTER 'main' MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, vertical_merge_algorithm_min_columns_to_activate = 1;

ALTER TABLE otel_metrics_summary_local ON CLUSTER 'main' MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, vertical_merge_algorithm_min_columns_to_activate = 1;
