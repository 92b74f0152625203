import { z } from 'zod';
import { isMapping, type Mapping } from './cross-checks.ts';
import { everyKindSettings } from './monitors/every-kind.ts';

const { interval, timeout, confirm, recover, timezone } = everyKindSettings();

/** What monitors have that do not say it themselves: settings of every kind. */
export const defaults = z
  .strictObject({
    interval,
    timezone,
    timeout: timeout.removeDefault().optional(),
    confirm: confirm.unwrap().partial().optional(),
    recover: recover.removeDefault().optional(),
  })
  .prefault({});

/**
 * Raw monitors with raw defaults filled in where a setting is absent; a mapping (`confirm`) is filled in key by key. An interval is not
 * put beside a cron or into the monitor of a domain (which wants hours), nor a time zone where there is none.
 */
export function fillDefaults(list: unknown, given: unknown): unknown {
  if (!Array.isArray(list) || !isMapping(given)) return list;
  return list.map((entry: unknown) => (isMapping(entry) ? { ...pick(given, entry), ...merge(entry, given) } : entry));
}

function pick(given: Mapping, { cron, domain }: Mapping): Mapping {
  const { interval: every, timezone: zone, ...others } = given;
  if (cron !== undefined) return zone === undefined ? others : { ...others, timezone: zone };
  return every === undefined || domain !== undefined ? others : { ...others, interval: every };
}

function merge(entry: Mapping, given: Mapping): Mapping {
  const merged = Object.entries(entry).map(([key, value]) => {
    const fallback = given[key];
    return [key, isMapping(value) && isMapping(fallback) ? { ...fallback, ...value } : value] as const;
  });
  return Object.fromEntries(merged);
}
