import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, type TocsinConfig } from '../src/config/index.ts';
import { signFiles } from '../src/config/source-files.ts';
import { report } from './report.ts';

const MAIN = 'alerting: { config_file: am/alertmanager.yml }';
const included = (text: string): Promise<string[]> => report({ 'tocsin.yaml': MAIN, 'am/alertmanager.yml': text });
const TEAM = 'receivers: [{ name: team }]\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-alertmanager-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(text: string): Promise<TocsinConfig> {
  await writeFile(join(folder, 'tocsin.yaml'), 'alerting: { http: 9999, config_file: alertmanager.yml }');
  await writeFile(join(folder, 'alertmanager.yml'), text);
  return loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
}

/** The shapes people have: of Alertmanager's documentation and of what is written about it, each cut down to what is ours to read. */
const GOOD: readonly (readonly [what: string, text: string])[] = [
  [
    'the example of the documentation',
    `
global:
  smtp_smarthost: 'localhost:25'
  smtp_from: 'alertmanager@example.org'
  smtp_auth_username: 'alertmanager'
  smtp_auth_password: 'password'
templates: ['/etc/alertmanager/template/*.tmpl']
route:
  group_by: ['alertname', 'cluster', 'service']
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 3h
  receiver: team-X-mails
  routes:
    - matchers: [ service=~"foo1|foo2|baz" ]
      receiver: team-X-mails
      routes:
        - matchers: [ severity="critical" ]
          receiver: team-X-pager
    - matchers: [ service="files" ]
      receiver: team-X-pager
    - matchers: [ service="database" ]
      receiver: team-X-pager
      group_by: [alertname, cluster, database]
      routes:
        - matchers: [ owner="team-X" ]
          continue: true
        - matchers: [ owner="team-Y" ]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [alertname, cluster, service]
receivers:
  - name: 'team-X-mails'
    email_configs: [{ to: 'team-X+alerts@example.org' }]
  - name: 'team-X-pager'
    email_configs: [{ to: 'team-X+alerts-critical@example.org' }]
`,
  ],
  [
    'the forms of before 0.22',
    `
global: { slack_api_url: "http://mysecret.example.com/" }
route:
  receiver: team
  routes:
    - match_re: { service: ^(foo1|foo2|baz)$ }
      routes: [{ match: { severity: critical } }]
inhibit_rules:
  - source_match: { severity: 'critical' }
    source_match_re: { service: 'a|b' }
    target_match: { severity: 'warning' }
    target_match_re: { service: '.+' }
    equal: ['alertname', 'cluster', 'service']
mute_time_intervals: [{ name: offhours, time_intervals: [{ weekdays: ['saturday', 'sunday'] }] }]
receivers: [{ name: team, slack_configs: [{ channel: '#a' }] }]
`,
  ],
  [
    'empty texts among the globals',
    `
global: { smtp_smarthost: 'localhost:25', smtp_from: 'a@example.org', smtp_auth_username: '', smtp_auth_password: '', smtp_hello: '' }
route: { receiver: team }
receivers: [{ name: team, email_configs: [{ to: b@example.org }] }]
`,
  ],
  ['a global section without a value', `global:\nroute: { receiver: team }\n${TEAM}`],
  ['all labels as the group', `route: { receiver: team, group_by: ['...'] }\n${TEAM}`],
  [
    'a group of no labels below one with some',
    `route: { receiver: team, group_by: [a], routes: [{ group_by: [] }] }\n${TEAM}`,
  ],
  [
    'names of labels with dots and spaces',
    `route:\n  receiver: team\n  group_by: [service.name, "Länge"]\n  routes:\n    - matchers: ['"service.name"="web shop"', '{a="b", c!="d"}']\n${TEAM}`,
  ],
  [
    'time intervals of every kind',
    `
time_intervals:
  - name: workhours
    time_intervals:
      - times: [{ start_time: '09:00', end_time: '17:00' }, { start_time: 17:30, end_time: 24:00 }]
        weekdays: ['Monday:Friday', saturday]
        days_of_month: ['1:5', '-3:-1', 15, '5:-5']
        months: ['january:march', may, 6, '7:9']
        years: ['2026:2030', 2035]
        location: Australia/Sydney
  - name: never
    time_intervals: []
mute_time_intervals: [{ name: offhours, time_intervals: [{ location: Local }] }]
route:
  receiver: team
  routes: [{ active_time_intervals: [workhours, never], mute_time_intervals: [offhours] }]
${TEAM}`,
  ],
  [
    'templates with dollars and braces',
    `route: { receiver: team, routes: [{ matchers: ['a=~"b$"', 'c="\${d}"'] }] }\n${TEAM}`,
  ],
];

describe('an alertmanager.yml', () => {
  it.each(GOOD)('is read as it is: %s', async (_, text) => {
    expect(await included(text)).toEqual([]);
  });

  it('takes the place of the section, whose address stays', async () => {
    const { alerting } = await load(GOOD[1]![1]);
    expect(alerting.http.port).toBe(9999);
    expect(alerting.receivers.map(({ name }) => name)).toEqual(['team']);
    expect(alerting.route?.routes[0]).toMatchObject({
      matchers: [{ name: 'service', op: '=~', value: '^(foo1|foo2|baz)$' }],
      routes: [{ matchers: [{ name: 'severity', op: '=', value: 'critical' }] }],
    });
    expect(alerting.inhibitRules).toEqual([
      {
        name: undefined,
        sourceMatchers: [
          { name: 'severity', op: '=', value: 'critical' },
          { name: 'service', op: '=~', value: 'a|b' },
        ],
        targetMatchers: [
          { name: 'severity', op: '=', value: 'warning' },
          { name: 'service', op: '=~', value: '.+' },
        ],
        equal: ['alertname', 'cluster', 'service'],
      },
    ]);
    expect(alerting.timeIntervals.map(({ name }) => name)).toEqual(['offhours']);
  });

  it('reads time intervals into numbers', async () => {
    const { alerting } = await load(GOOD.find(([what]) => what.startsWith('time intervals'))![1]);
    expect(alerting.timeIntervals.map(({ name }) => name)).toEqual(['offhours', 'workhours', 'never']);
    expect(alerting.timeIntervals[1]?.intervals).toEqual([
      {
        times: [
          { startMinute: 540, endMinute: 1_020 },
          { startMinute: 1_050, endMinute: 1_440 },
        ],
        weekdays: [
          { from: 1, to: 5 },
          { from: 6, to: 6 },
        ],
        daysOfMonth: [
          { from: 1, to: 5 },
          { from: -3, to: -1 },
          { from: 15, to: 15 },
          { from: 5, to: -5 },
        ],
        months: [
          { from: 1, to: 3 },
          { from: 5, to: 5 },
          { from: 6, to: 6 },
          { from: 7, to: 9 },
        ],
        years: [
          { from: 2026, to: 2030 },
          { from: 2035, to: 2035 },
        ],
        location: 'Australia/Sydney',
      },
    ]);
  });

  it('is watched with the templates that it names', async () => {
    const text = `templates: ['*.tmpl']\nroute: { receiver: team }\n${TEAM}`;
    const { watched, alerting } = await load(text);
    expect(alerting.templates).toEqual([]);
    expect(await signFiles(watched)).toBe(watched.signature);
    await writeFile(join(folder, 'texts.tmpl'), '{{ define "a" }}$b{{ end }}');
    expect(await signFiles(watched)).not.toBe(watched.signature);
    const again = await load(text);
    expect(again.alerting.templates).toEqual([{ file: 'texts.tmpl', text: '{{ define "a" }}$b{{ end }}' }]);
    expect(await signFiles(again.watched)).toBe(again.watched.signature);
    await writeFile(join(folder, 'alertmanager.yml'), `${text}\n# changed`);
    expect(await signFiles(again.watched)).not.toBe(again.watched.signature);
  });
});

const ROUTE = 'route: { receiver: team }\n';
const on = (line: string): string => `route: { receiver: team, routes: [{ ${line} }] }\n${TEAM}`;
const times = (line: string): string => `${ROUTE}${TEAM}time_intervals: [{ name: a, time_intervals: [{ ${line} }] }]`;
const FILE = 'am/alertmanager.yml';

/** One line each, without the name of the file. */
const BAD: readonly (readonly [text: string, ...lines: string[]])[] = [
  [TEAM, '1: : expected a route, found a mapping'],
  [`route: { group_wait: 30s }\n${TEAM}`, '1: route: expected receiver on the top route, found a mapping'],
  [
    `${ROUTE}receivers: [{ name: team }, { name: team }]`,
    '2: receivers[1].name: expected a receiver name used once, found "team"',
  ],
  [`${ROUTE}receivers: [{ name: other }]`, '1: route.receiver: expected a receiver\'s name (other), found "team"'],
  [
    on('match: { a: b }, routes: [{ receiver: none }]'),
    '1: route.routes[0].routes[0].receiver: expected a receiver\'s name (team), found "none"',
  ],
  [
    `${ROUTE}receivers: [{ name: '' }]`,
    '1: route.receiver: expected a receiver\'s name (none is defined), found "team"',
    '2: receivers[0].name: expected text that is not empty, found ""',
  ],
  [
    on('mute_time_intervals: [nights]'),
    '1: route.routes[0].mute_time_intervals[0]: expected the name of a time interval (none is defined), found "nights"',
  ],
  [
    on('active_time_intervals: [nights]'),
    '1: route.routes[0].active_time_intervals[0]: expected the name of a time interval (none is defined), found "nights"',
  ],
  [
    `${ROUTE}${TEAM}mute_time_intervals: [{ name: a }]\ntime_intervals: [{ name: a }, { name: }]`,
    '3: mute_time_intervals[0].name: expected a name of time intervals used once, found "a"',
    '4: time_intervals[1].name: expected text that is not empty, found no value',
  ],
  [
    `route: { receiver: team, group_by: [a, b, a] }\n${TEAM}`,
    '1: route.group_by[2]: expected each label once, found "a"',
  ],
  [
    `route: { receiver: team, group_by: [a, '...'] }\n${TEAM}`,
    "1: route.group_by: expected ['...'] alone, or names of labels, found a list",
  ],
  [
    `route: { receiver: team, matchers: [a=b] }\n${TEAM}`,
    '1: route.matchers: expected no matchers on the top route (it takes what no other takes, at all times), found a list',
  ],
  [
    `route: { receiver: team, match: { a: b } }\n${TEAM}`,
    '1: route.match: expected no matchers on the top route (it takes what no other takes, at all times), found a mapping',
  ],
  [
    `time_intervals: [{ name: n }]\nroute: { receiver: team, mute_time_intervals: [n], active_time_intervals: [n] }\n${TEAM}`,
    '2: route.mute_time_intervals: expected no time intervals on the top route (it takes what no other takes, at all times), found a list',
    '2: route.active_time_intervals: expected no time intervals on the top route (it takes what no other takes, at all times), found a list',
  ],
  [
    `route: { receiver: team, continue: true }\n${TEAM}`,
    '1: route.continue: expected no continue on the top route, found true',
  ],
  [
    `route: { receiver: team, group_interval: 0s }\n${TEAM}`,
    '1: route.group_interval: expected a duration above zero such as 10s or 5m, found "0s"',
  ],
  [
    `route: { receiver: team, repeat_interval: 0s }\n${TEAM}`,
    '1: route.repeat_interval: expected a duration above zero such as 10s or 5m, found "0s"',
  ],
  [on('match_re: { invalid_label: }'), '1: route.routes[0].match_re.invalid_label: expected text, found no value'],
  [
    on("match_re: { a: '(' }"),
    '1: route.routes[0].match_re.a: expected a regular expression in RE2\'s syntax (missing closing ): `(`), found "("',
  ],
  [
    `${ROUTE}${TEAM}inhibit_rules: [{ source_match_re: { a: } }]`,
    '3: inhibit_rules[0].source_match_re.a: expected text, found no value',
  ],
  [
    `${ROUTE}${TEAM}inhibit_rules: [{ equal: [''], sourcematchers: [] }]`,
    '3: inhibit_rules[0].equal[0]: expected a label name, found ""',
    '3: inhibit_rules[0].sourcematchers: expected a known key, found unknown key "sourcematchers" (did you mean "source_matchers"?)',
  ],
  [
    times("times: [{ start_time: '17:00', end_time: '09:00' }]"),
    '3: time_intervals[0].time_intervals[0].times[0].end_time: expected an end after the start (split what crosses midnight), found "09:00"',
  ],
  [
    times("times: [{ start_time: '9:00', end_time: '24:01' }]"),
    '3: time_intervals[0].time_intervals[0].times[0].start_time: expected a time such as 09:00, or 24:00, found "9:00"',
    '3: time_intervals[0].time_intervals[0].times[0].end_time: expected a time such as 09:00, or 24:00, found "24:01"',
  ],
  [
    times("weekdays: ['friday:monday']"),
    '3: time_intervals[0].time_intervals[0].weekdays[0]: expected a weekday such as saturday, or a range such as monday:friday in the order of a week that begins with sunday, found "friday:monday"',
  ],
  [
    times("days_of_month: ['0', '-1:1', '32', '5:1', '1:2:3']"),
    ...['0', '-1:1', '32', '5:1', '1:2:3'].map(
      (found, at) =>
        `3: time_intervals[0].time_intervals[0].days_of_month[${at}]: expected a day of the month (1 to 31, or -1 to -31 from its end), or a range such as 1:5 or -3:-1, found "${found}"`,
    ),
  ],
  [
    times('months: [13]'),
    '3: time_intervals[0].time_intervals[0].months[0]: expected a month such as may or 5, or a range such as january:march, found 13',
  ],
  [
    times("years: ['2030:2026']"),
    '3: time_intervals[0].time_intervals[0].years[0]: expected a year such as 2027, or a range such as 2027:2030, found "2030:2026"',
  ],
  [
    times('location: Mars/Olympus'),
    '3: time_intervals[0].time_intervals[0].location: expected an IANA time zone such as Europe/Berlin, or Local, found "Mars/Olympus"',
  ],
  [`${ROUTE}${TEAM}templates: [texts.tmpl]`, '3: templates[0]: expected a file that exists, found "texts.tmpl"'],
  // What Alertmanager has and we have not.
  [
    `${ROUTE}${TEAM}tracing: { endpoint: localhost:4317 }`,
    '3: tracing: expected no tracing (Tocsin reports its own traces without being told: take the section out), found unknown key "tracing"',
  ],
  [
    on('labels: { a: b }'),
    '1: route.routes[0].labels: expected no labels on a route (give the route a receiver of its own whose texts say it), found unknown key "labels"',
  ],
  [
    `${ROUTE}receivers: [{ name: team, wechat_configs: [{}] }]`,
    '2: receivers[0].wechat_configs: expected a kind of channel that Tocsin has (webhook_configs with an adapter reaches this one), found unknown key "wechat_configs"',
  ],
];

describe('a wrong alertmanager.yml', () => {
  it.each(BAD)('is told line by line: %s', async (text, ...lines) => {
    expect(await included(text)).toEqual(lines.map((line) => `${FILE}:${line}`.replace(': : ', ': ')));
  });

  it('that is not there is a problem of tocsin.yaml', async () => {
    expect(await report({ 'tocsin.yaml': MAIN })).toEqual([
      'tocsin.yaml:1: alerting.config_file: expected a file that can be read, found no file (ENOENT)',
    ]);
  });

  it('stands alone', async () => {
    const main = `alerting:\n  config_file: am/alertmanager.yml\n  global: { resolve_timeout: 1m }\n  receivers: []`;
    expect(await report({ 'tocsin.yaml': main, [FILE]: `${ROUTE}${TEAM}` })).toEqual([
      'tocsin.yaml:3: alerting.global: expected no global beside config_file (it belongs into that file), found a mapping',
      'tocsin.yaml:4: alerting.receivers: expected no receivers beside config_file (it belongs into that file), found a list',
    ]);
  });
});
