import { ClickHouseException } from '../exception.ts';
import type { SettingChange } from './clauses.ts';
import { READER_SETTINGS } from './settings-table.ts';

/** The most that a user may set each limit to; a limit of 0 is none, and as a ceiling allows everything. */
export type Ceilings = ReadonlyMap<string, number>;

/** Other names of settings that have a ceiling (`system.settings`, column `alias_for`) are refused with everything not in the list. */
const NUMBER = /^'?(\d+(?:\.\d+)?)'?$/;

/**
 * Judges one setting of a reader, in the URL, a SETTINGS clause or SET.
 * @param value as it is written; with quotes or without
 * @throws ClickHouseException SETTING_CONSTRAINT_VIOLATION
 */
export function checkReaderSetting({ name, value }: SettingChange, ceilings: Ceilings): void {
  if (!READER_SETTINGS.has(name)) throw violation(`Setting ${name} should not be changed`);
  const ceiling = ceilings.get(name);
  if (ceiling === undefined || ceiling === 0) return;
  const wanted = NUMBER.exec(value.trim())?.[1];
  if (wanted === undefined)
    throw violation(`Setting ${name} has a limit here, ${ceiling}: expected a plain number, found ${value}`);
  if (Number(wanted) === 0 || Number(wanted) > ceiling)
    throw violation(`Setting ${name} shouldn't be greater than ${ceiling}, found ${wanted}`);
}

/** Settings by which even the collector's statements could reach outside, or hide an expression. */
const WRITER_REFUSED = new Set([
  'additional_result_filter',
  'additional_table_filters',
  'allow_experimental_ai_functions',
  'allow_experimental_eval_table_function',
  'allow_introspection_functions',
  'allow_python_table_function',
  'dialect',
  'disk',
  'format_avro_schema_registry_url',
  'format_template_resultset',
  'format_template_row',
  'input_format_record_errors_file_path',
  'output_format_schema',
  'rename_files_after_processing',
  'storage_policy',
  'url_base',
]);

/**
 * Judges a list of settings of the writer. A format schema has to come with the statement, not from a file.
 * @throws ClickHouseException SETTING_CONSTRAINT_VIOLATION
 */
export function checkWriterSettings(changes: readonly SettingChange[]): void {
  const refused = changes.find(({ name }) => WRITER_REFUSED.has(name));
  if (refused) throw violation(`Setting ${refused.name} should not be changed`);
  const given = new Map(changes.map(({ name, value }) => [name, value.replace(/^'(.*)'$/s, '$1')]));
  if (given.has('format_schema') && given.get('format_schema_source') !== 'string')
    throw violation("Setting format_schema should not be changed without format_schema_source = 'string' beside it");
}

function violation(sentence: string): ClickHouseException {
  return ClickHouseException.of('SETTING_CONSTRAINT_VIOLATION', sentence);
}
