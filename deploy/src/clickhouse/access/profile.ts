import type { EmbeddedProfile } from '@tocsin/service/config';
import type { Ceilings } from '../sql/setting-rules.ts';

/** Data of `FORMAT Values` and of `format(…)` may not call functions, which nobody has looked at. A reader cannot change these. */
export const READER_SETTINGS_ALWAYS: readonly (readonly [name: string, value: string])[] = [
  ['input_format_values_interpret_expressions', '0'],
  ['input_format_values_deduce_templates_of_expressions', '0'],
];

/** A profile's limits, in the units of ClickHouse's settings: time in seconds, memory and results in bytes. */
export function ceilingsOf(profile: EmbeddedProfile): Ceilings {
  const limits: readonly (readonly [string, number | undefined])[] = [
    ['max_execution_time', profile.maxExecutionTimeMs / 1_000],
    ['max_memory_usage', profile.maxMemoryBytes],
    ['max_threads', profile.maxThreads],
    ['max_result_rows', profile.maxResultRows],
    ['max_result_bytes', profile.maxResultBytes],
  ];
  return new Map(limits.filter((limit): limit is readonly [string, number] => limit[1] !== undefined));
}

/** The settings with which a statement begins: as much as the profile allows. */
export function settingsOf(profile: EmbeddedProfile): readonly (readonly [name: string, value: string])[] {
  return [...ceilingsOf(profile)].map(([name, value]) => [name, String(value)]);
}
