const MIB = 2 ** 20;

/**
 * ClickHouse's server settings for a laptop: few background threads, caches that stay small, half of the memory at most. Threads of the
 * pools are made when they are first needed.
 */
const SERVER_SETTINGS = {
  timezone: 'UTC',
  background_pool_size: 4,
  background_merges_mutations_concurrency_ratio: 2,
  background_move_pool_size: 1,
  background_fetches_pool_size: 1,
  background_common_pool_size: 2,
  background_schedule_pool_size: 4,
  max_thread_pool_free_size: 16,
  mark_cache_size: 128 * MIB,
  index_mark_cache_size: 64 * MIB,
  primary_index_cache_size: 128 * MIB,
  uncompressed_cache_size: 0,
  mmap_cache_size: 100,
  max_server_memory_usage_to_ram_ratio: 0.5,
} as const;

const MERGE_TREE_SETTINGS = {
  // An insert is on the disk before it is acknowledged: the collector forgets its journal's segment then.
  fsync_after_insert: 1,
  fsync_part_directory: 1,
  // What an INSERT makes is one file of data, what a merge makes a file a column: 120 files less to make, sync and remove for each INSERT of
  // spans, a quarter of its CPU time.
  min_level_for_wide_part: 1,
  // Texts with their lengths beside them, not in a stream apart: a third less CPU time for a merge of spans, and a seventh less disk.
  string_serialization_version: 'single_stream',
  // Nothing here reads statistics of columns.
  auto_statistics_types: '',
  // The defaults reckon with a pool of 32 merges and would keep merges small and mutations waiting in ours of 8.
  number_of_free_entries_in_pool_to_lower_max_size_of_merge: 2,
  number_of_free_entries_in_pool_to_execute_mutation: 2,
  number_of_free_entries_in_pool_to_execute_optimize_entire_partition: 2,
} as const;

/**
 * The text of the engine's configuration file. System log tables do not exist in the engine as it runs here.
 * @param usersFile the path of the file with the engine's roles
 * @param backupFolder the one folder for BACKUP and RESTORE; `npx tocsin backup` puts a link to its target there
 */
export function serverConfiguration(usersFile: string, backupFolder: string): string {
  const backups = `  <backups><allowed_path>${escapeXml(backupFolder)}/</allowed_path></backups>\n`;
  return `<clickhouse>\n  <users_config>${escapeXml(usersFile)}</users_config>\n${backups}${elements(SERVER_SETTINGS)}  <merge_tree>\n${elements(MERGE_TREE_SETTINGS)}  </merge_tree>\n</clickhouse>\n`;
}

function elements(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `  <${name}>${value}</${name}>\n`)
    .join('');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
