import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../src/config/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-oncall-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RECEIVERS = `alerting:
  receivers: [{ name: ana-mail }, { name: ana-phone }, { name: oncall, escalation: default }]
`;
const GOOD = `oncall:
  users:
    - { name: ana, timezone: Europe/Riga, contact: [ana-mail], urgent_contact: [ana-phone], quiet_hours: { from: '22:00', to: '07:00' } }
    - { name: ben, contact: [ana-mail] }
  schedules:
    - name: primary
      timezone: America/New_York
      layers:
        - { users: [ana, ben], rotation: weekly, start: 2026-11-02 }
        - { users: [ben], rotation: { days: 3 }, start: 2026-11-02, handover: '08:00', restrictions: [{ days: [mon:fri, sunday], from: '09:00', to: '17:00' }] }
  escalations:
    - name: default
      steps:
        - { notify: [{ schedule: primary }], wait: 5m }
        - { notify: [{ user: ben }, { receiver: ana-phone }], severity: [page], hours: [{ from: '20:00', to: '06:00' }] }
`;

async function load(text: string) {
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, text);
  return loadConfig({ file, env: {}, workingDir: folder });
}

async function problemsOf(text: string): Promise<string[]> {
  const error = await load(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ConfigError ? error.message.split('\n') : [];
}

describe('the section oncall', () => {
  test('is read with its defaults', async () => {
    const { oncall, alerting } = await load(RECEIVERS + GOOD);
    expect(alerting.receivers.map(({ escalation }) => escalation)).toEqual([undefined, undefined, 'default']);
    expect(oncall.users).toEqual([
      {
        name: 'ana',
        timeZone: 'Europe/Riga',
        contact: ['ana-mail'],
        urgentContact: ['ana-phone'],
        quietHours: { from: '22:00', to: '07:00' },
      },
      { name: 'ben', timeZone: 'UTC', contact: ['ana-mail'], urgentContact: ['ana-mail'], quietHours: undefined },
    ]);
    expect(oncall.schedules[0]?.layers).toMatchObject([
      { everyDays: 7, start: '2026-11-02', handover: '09:00', restrictions: [] },
      { everyDays: 3, restrictions: [{ days: [1, 2, 3, 4, 5, 7], from: '09:00', to: '17:00' }] },
    ]);
    expect(oncall.escalations[0]).toMatchObject({
      repeat: 2,
      againAfterMs: 3_600_000,
      steps: [
        { notify: [{ kind: 'schedule', name: 'primary' }], waitMs: 300_000, severities: undefined },
        {
          notify: [
            { kind: 'user', name: 'ben' },
            { kind: 'receiver', name: 'ana-phone' },
          ],
          severities: ['page'],
          hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '20:00', to: '06:00' }],
        },
      ],
    });
  });

  test('may be missing', async () => {
    expect((await load('')).oncall).toMatchObject({
      users: [],
      schedules: [],
      escalations: [],
      urgent: ['page', 'critical'],
    });
  });

  test.each([
    [
      'a contact nobody has',
      GOOD.replace('contact: [ana-mail]', 'contact: [nobody]'),
      /^tocsin\.yaml:5: oncall\.users\[0\]\.contact\[0\]: expected a receiver's name \(ana-mail, ana-phone, oncall\), found "nobody"$/,
    ],
    [
      'a user nobody is',
      GOOD.replace('users: [ana, ben]', 'users: [zoe]'),
      /^tocsin\.yaml:11: oncall\.schedules\[0\]\.layers\[0\]\.users\[0\]: expected a user's name \(ana, ben\), found "zoe"$/,
    ],
    [
      'a schedule that is none',
      GOOD.replace('schedule: primary', 'schedule: other'),
      /notify\[0\]\.schedule: expected a schedule's name \(primary\), found "other"$/,
    ],
    [
      'an escalation that is none',
      GOOD.replace('name: default', 'name: other'),
      /alerting\.receivers\[2\]\.escalation: expected an escalation's name \(other\), found "default"$/,
    ],
    [
      'a circle',
      GOOD.replace('receiver: ana-phone', 'receiver: oncall'),
      /notify\[1\]\.receiver: expected a receiver without an escalation, found "oncall"$/,
    ],
    [
      'a name used twice',
      GOOD.replace('name: ben', 'name: ana'),
      /oncall\.users\[1\]\.name: expected a name used once, found "ana"$/,
    ],
    [
      'two targets in one',
      GOOD.replace('{ user: ben }', '{ user: ben, schedule: primary }'),
      /expected one of user, schedule and receiver/,
    ],
    ['no step', GOOD.replace(/steps:\n(?: {8}.*\n)+/, 'steps: []\n'), /steps: expected at least 1 entries/],
    [
      'a wait that is none',
      GOOD.replace('wait: 5m', 'wait: 0s'),
      /steps\[0\]\.wait: expected a duration of at least 10s \(whoever is to be told at once stands in one step\), found "0s"$/,
    ],
    [
      'a rotation that is none',
      GOOD.replace('rotation: weekly', 'rotation: monthly'),
      /layers\[0\]\.rotation: expected .*"daily".*"weekly"/,
    ],
    [
      'a date that is none',
      GOOD.replace('start: 2026-11-02', 'start: 2026-02-30'),
      /start: expected a date such as 2026-11-02, found "2026-02-30"$/,
    ],
    [
      'a time that is none',
      GOOD.replace("'08:00'", "'25:00'"),
      /handover: expected a time of day such as 02:30, found "25:00"$/,
    ],
    [
      'days that are none',
      GOOD.replace('mon:fri', 'fri:mon'),
      /days\[0\]: expected a weekday such as monday, or some as monday:friday/,
    ],
    ['a zone that is none', GOOD.replace('America/New_York', 'America/York'), /timezone: expected an IANA time zone/],
  ])('%s is told, with file, line and what was expected', async (_, text, sentence) => {
    expect(await problemsOf(RECEIVERS + text)).toEqual(expect.arrayContaining([expect.stringMatching(sentence)]));
  });
});
