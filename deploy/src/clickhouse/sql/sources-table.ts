/**
 * Everything else of the engine (chDB 3.4.0, ClickHouse 26.7) that a statement can name, reviewed by hand: table functions, table and database
 * engines, formats and system tables. A test compares these lists with the engine's own.
 */

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Make rows of their arguments, or read tables that the user may read. */
export const ALLOWED_TABLE_FUNCTIONS = words(`
format generateRandom generateSeries generate_series merge null numbers numbers_mt primes SQLStandardValues values view viewExplain zeros zeros_mt
`);

/** Reach files, hosts, programs or dictionaries, run text as a statement, or show a table's inside. `input` is for INSERT alone. */
export const REFUSED_TABLE_FUNCTIONS = words(`
arrowstream azureBlobStorage azureBlobStorageCluster cluster clusterAllReplicas cosn deltaLake deltaLakeAzure deltaLakeAzureCluster
deltaLakeCluster deltaLakeLocal deltaLakeS3 deltaLakeS3Cluster dictionary eval executable file fileCluster filesystem fuzzJSON fuzzQuery gcs
hdfs hdfsCluster hudi hudiCluster iceberg icebergAzure icebergAzureCluster icebergCluster icebergHDFS icebergHDFSCluster icebergLocal
icebergLocalCluster icebergS3 icebergS3Cluster input jdbc loop mergeTreeAnalyzeIndexes mergeTreeAnalyzeIndexesUUID mergeTreeIndex
mergeTreeProjection mergeTreeTextIndex mongodb mysql odbc oss paimon paimonAzure paimonAzureCluster paimonCluster paimonHDFS
paimonHDFSCluster paimonLocal paimonS3 paimonS3Cluster postgresql prometheusQuery prometheusQueryRange redis remote remoteSecure s3
s3Cluster sqlite timeSeriesData timeSeriesMetrics timeSeriesSamples timeSeriesSelector timeSeriesTags url urlCluster viewIfPermitted ytsaurus
`);

/** Keep their data in the data folder or in memory. */
export const ALLOWED_ENGINES = words(`
AggregatingMergeTree Buffer CoalescingMergeTree CollapsingMergeTree GraphiteMergeTree Join Log MaterializedView Memory Merge MergeTree Null
ReplacingMergeTree Set StripeLog SummingMergeTree TinyLog VersionedCollapsingMergeTree View
`);

/** Reach files, hosts, programs, or a coordination service that does not run here. */
export const REFUSED_ENGINES = words(`
Alias ArrowStream AzureBlobStorage AzureQueue COSN DeltaLake DeltaLakeAzure DeltaLakeLocal DeltaLakeS3 Dictionary Distributed EmbeddedRocksDB
Executable ExecutablePool File FileLog FuzzJSON FuzzQuery GCS GenerateRandom HDFS Hudi Iceberg IcebergAzure IcebergHDFS IcebergLocal IcebergS3
JDBC Kafka KeeperMap Loop MaterializedPostgreSQL MongoDB MySQL ODBC OSS Paimon PaimonAzure PaimonHDFS PaimonLocal PaimonS3 PostgreSQL
QueryRunner Redis Remote RemoteSecure ReplicatedAggregatingMergeTree ReplicatedCoalescingMergeTree ReplicatedCollapsingMergeTree
ReplicatedGraphiteMergeTree ReplicatedMergeTree ReplicatedReplacingMergeTree ReplicatedSummingMergeTree
ReplicatedVersionedCollapsingMergeTree S3 S3Queue SQLite TimeSeries URL WindowView YTsaurus
`);

/** Database engines: `Filesystem` and most others are a view of files or hosts. */
export const ALLOWED_DATABASE_ENGINES = words('Atomic Memory');
export const REFUSED_DATABASE_ENGINES = words(`
Backup DataLakeCatalog Dictionary Filesystem HDFS MaterializedPostgreSQL MySQL Ordinary PostgreSQL Replicated S3 SQLite
`);

/** Formats that a reader may read text in with the table function `format`: those that are data, need no schema and evaluate nothing. */
export const READER_INPUT_FORMATS = words(`
BSONEachRow CSV CSVWithNames CSVWithNamesAndTypes JSON JSONAsObject JSONAsString JSONColumns JSONColumnsWithMetadata JSONCompact
JSONCompactColumns JSONCompactEachRow JSONCompactEachRowWithNames JSONCompactEachRowWithNamesAndTypes JSONCompactStringsEachRow
JSONCompactStringsEachRowWithNames JSONCompactStringsEachRowWithNamesAndTypes JSONEachRow JSONL JSONLines JSONObjectEachRow
JSONStringsEachRow LineAsString NDJSON Raw RawBLOB Regexp TSKV TSV TSVRaw TSVRawWithNames TSVRawWithNamesAndTypes TSVWithNames
TSVWithNamesAndTypes TabSeparated TabSeparatedRaw TabSeparatedRawWithNames TabSeparatedRawWithNamesAndTypes TabSeparatedWithNames
TabSeparatedWithNamesAndTypes
`);

/** The other formats that the engine can read, reviewed: expressions (`Values`), schemas and templates in files, registries, large binary parsers. */
export const REFUSED_INPUT_FORMATS = words(`
Arrow ArrowStream Avro AvroConfluent Buffers CustomSeparated CustomSeparatedIgnoreSpaces CustomSeparatedIgnoreSpacesWithNames
CustomSeparatedIgnoreSpacesWithNamesAndTypes CustomSeparatedWithNames CustomSeparatedWithNamesAndTypes DWARF Form GeoJSON
MsgPack MySQLDump Native Npy ORC One Parquet ParquetMetadata Protobuf ProtobufList
ProtobufSingle RawWithNames RawWithNamesAndTypes RowBinary RowBinaryWithDefaults RowBinaryWithNames RowBinaryWithNamesAndTypes
RowBinaryWithNamesAndTypesAndDefaults Template TemplateIgnoreSpaces Values
`);

/** System tables about the data, the language and the version. */
export const READER_SYSTEM_TABLES = words(`
aggregate_function_combinators build_options codecs collations columns completions constraints contributors data_skipping_index_types
data_skipping_indices data_type_families database_engines databases dictionaries documentation events formats functions keywords licenses
merge_tree_settings merges metrics mutations numbers numbers_mt one parts parts_columns primes projection_parts projection_parts_columns
projections settings settings_changes table_engines table_functions tables time_zones tokenizers unicode zeros zeros_mt
`);

/** System tables that show other people's statements, the machine, its files, users or configuration. */
export const REFUSED_SYSTEM_TABLES = words(`
asynchronous_inserts asynchronous_loader azure_queue_metadata_cache azure_queue_settings background_schedule_pool backups certificates clusters
current_roles dashboards database_replicas detached_parts detached_tables dictionary_layouts dictionary_sources dimensional_metrics disk_types
disks distributed_ddl_queue distribution_queue dns_cache dropped_tables dropped_tables_parts enabled_roles errors fail_points filesystem_cache
filesystem_cache_settings grants graphite_retentions histogram_metrics hypothetical_indexes iceberg_files iceberg_history jemalloc_bins
jemalloc_profile_text jemalloc_stats kafka_consumers macros masking_policies models moves named_collections part_moves_between_shards
privileges processes query_cache query_condition_cache quota_limits quota_usage quotas quotas_usage remote_data_paths replicas
replicated_fetches replicated_merge_tree_settings replication_queue resources rocksdb role_grants roles row_policies s3_queue_settings
s3queue_metadata_cache scheduler schema_inference_cache server_settings settings_profile_elements settings_profiles stack_trace
storage_policies symbols user_defined_functions user_directories user_processes users view_refreshes warnings workloads
`);
