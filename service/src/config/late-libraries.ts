import { createRequire } from 'node:module';
import type * as JsonPath from 'json-p3';
import type * as NodeCron from 'node-cron';
import type * as Re2 from 're2js';

/*
 * Libraries that only some configurations need: 7 MiB of every process, were they loaded with the rest (docs/decisions/0016).
 * Node keeps what it has loaded, so every call gives the same module.
 */
const require = createRequire(import.meta.url);

/** RE2's regular expressions: once there is a pattern. */
export function loadRe2(): typeof Re2 {
  return require('re2js') as typeof Re2;
}

/** JSONPath (RFC 9535): once there is a query. */
export function loadJsonPath(): typeof JsonPath {
  return require('json-p3') as typeof JsonPath;
}

/** Cron schedules: once there is one. */
export function loadCron(): typeof NodeCron {
  return require('node-cron') as typeof NodeCron;
}
