import { expect, it } from 'vitest';
import { report } from './report.ts';

const monitor = (lines: string): string => `monitors:\n  - name: shop\n    http: http://localhost/\n${lines}`;

/** One sample for each way to be wrong about monitors in general: what is written, and the line of the report it must draw. */
const WRONG: readonly (readonly [way: string, yaml: string, line: string])[] = [
  [
    'failures that do not fit into their time',
    monitor('    confirm: { failures: 4, retry_after: 10s }'),
    'tocsin.yaml:4: monitors[0].confirm.within (shop): expected at least 40s: 4 failures 10s apart and the timeouts between, found nothing',
  ],
  [
    'a confirmation of nothing',
    monitor('    confirm: { failures: 0 }'),
    'tocsin.yaml:4: monitors[0].confirm.failures (shop): expected at least 1, found 0',
  ],
  [
    'a recovery of nothing',
    monitor('    recover: 0'),
    'tocsin.yaml:4: monitors[0].recover (shop): expected at least 1, found 0',
  ],
  [
    'a dependency on nobody',
    monitor('    depends_on: router'),
    'tocsin.yaml:4: monitors[0].depends_on (shop): expected the name of another monitor, found "router"',
  ],
  [
    'monitors that depend on each other',
    `${monitor('    depends_on: pay')}\n  - name: pay\n    http: http://localhost/\n    depends_on: [shop]`,
    'tocsin.yaml:4: monitors[0].depends_on (shop): expected monitors that do not depend on each other in a circle, found shop → pay → shop',
  ],
  [
    'a monitor that depends on itself',
    monitor('    depends_on: shop'),
    'tocsin.yaml:4: monitors[0].depends_on (shop): expected monitors that do not depend on each other in a circle, found shop → shop',
  ],
  [
    'a window that is neither once nor again',
    monitor('    maintenance: [{ name: w, duration: 1h }]'),
    'tocsin.yaml:4: monitors[0].maintenance[0] (shop): expected either start and end (once), or time (again and again), found a mapping',
  ],
  [
    'a window without an end',
    'maintenance: [{ name: w, start: 2026-12-01T22:00 }]',
    'tocsin.yaml:1: maintenance[0].end: expected either an end or a duration, found nothing',
  ],
  [
    'a window that ends before it starts',
    'maintenance: [{ name: w, start: 2026-12-01T22:00, end: 2026-12-01T21:00 }]',
    'tocsin.yaml:1: maintenance[0].end: expected an end after the start, found "2026-12-01T21:00"',
  ],
  [
    'a date that does not exist',
    'maintenance: [{ name: w, start: 2026-02-30T22:00, duration: 1h }]',
    'tocsin.yaml:1: maintenance[0].start: expected a date and time without an offset such as 2026-12-01T22:00, found "2026-02-30T22:00"',
  ],
  [
    'a day that no week and no month has',
    'maintenance: [{ name: w, days: [someday], time: "02:00", duration: 1h }]',
    'tocsin.yaml:1: maintenance[0].days[0]: expected a weekday such as sunday, or a day of the month (1 to 31, or -1 to -31 from its end), found "someday"',
  ],
  [
    'a time that no day has',
    'maintenance: [{ name: w, time: "25:00", duration: 1h }]',
    'tocsin.yaml:1: maintenance[0].time: expected a time of day such as 02:30, found "25:00"',
  ],
  [
    'a recurring window longer than a week',
    'maintenance: [{ name: w, time: "02:00", duration: 8d }]',
    'tocsin.yaml:1: maintenance[0].duration: expected a duration of at most 7d, found "8d"',
  ],
  [
    'a recurring window with an end and a duration',
    'maintenance: [{ name: w, time: "02:00", duration: 8h, until: "04:00" }]',
    'tocsin.yaml:1: maintenance[0].until: expected either until or a duration, found "04:00"',
  ],
  [
    'a window for a monitor that is not there',
    'maintenance: [{ name: w, time: "02:00", duration: 1h, monitors: shop }]',
    'tocsin.yaml:1: maintenance[0].monitors: expected the name of a monitor, found "shop"',
  ],
  [
    'a default that no monitor may have',
    'defaults: { timeout: soon }\nmonitors: [{ name: a, http: "http://x/" }]',
    'tocsin.yaml:1: defaults.timeout: expected a duration above zero such as 10s or 5m, found "soon"',
  ],
  [
    'a connectivity target without a port',
    'checker: { connectivity: [one.one.one.one] }',
    'tocsin.yaml:1: checker.connectivity[0]: expected host:port, found "one.one.one.one"',
  ],
  [
    'a secret file that is not there',
    monitor('    headers: { authorization: "Bearer ${file:token}" }'),
    'tocsin.yaml:4: monitors[0].headers.authorization (shop): expected a file token that can be read, found no such file',
  ],
  [
    'a monitor file that does not exist',
    'monitor_files: [monitors/web.yaml]',
    'tocsin.yaml:1: monitor_files[0]: expected a file that exists, found "monitors/web.yaml"',
  ],
];

it.each(WRONG)('the report names %s', async (_way, yaml, line) => {
  expect(await report(yaml)).toEqual([line]);
});
