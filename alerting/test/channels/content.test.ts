import { describe, expect, test } from 'vitest';
import { describeNotification, formatTitle, shorten } from '../../src/channels/content.ts';
import { CONSOLE_URL, sampleAlert, sampleNotification, SINCE_MS, TRACE_ID } from './sample.ts';

const describeOne = (annotations: Record<string, string>, generatorUrl = '') => {
  const firing = [{ ...sampleAlert({}, annotations), generatorUrl }];
  return describeNotification(sampleNotification({ firing }), { consoleUrl: CONSOLE_URL }, 10).alerts[0]!;
};

describe('the title', () => {
  test('says how many fire, what, and what about', () => {
    const firing = [sampleAlert({ route: '/a' }), sampleAlert({ route: '/b' })];
    expect(formatTitle(sampleNotification({ firing }))).toBe('[FIRING:2] HighErrorRate (shop)');
  });

  test('says when all is over', () => {
    const resolved = [sampleAlert({}, {}, SINCE_MS + 60_000)];
    expect(formatTitle(sampleNotification({ firing: [], resolved }))).toBe('[RESOLVED] HighErrorRate (shop)');
  });

  test('of a message about firing alerts does not name what resolved', () => {
    const resolved = [sampleAlert({ alertname: 'MonitorDown' }, {}, SINCE_MS + 60_000)];
    expect(formatTitle(sampleNotification({ resolved }))).toBe('[FIRING:1] HighErrorRate (shop)');
  });

  test('names at most three kinds of alerts, and stays one short line', () => {
    const firing = ['A', 'B', 'C', 'D'].map((alertname) => sampleAlert({ alertname, service: `x\n${alertname}` }));
    expect(formatTitle(sampleNotification({ firing }))).toBe('[FIRING:4] A, B, C, …');
    const long = formatTitle(
      sampleNotification({ firing: [sampleAlert({ service: `a\r\nBcc: x ${'y'.repeat(500)}` })] }),
    );
    expect(long).toHaveLength(160);
    expect(long).toMatch(/^\[FIRING:1\] HighErrorRate \(a Bcc: x y+…$/);
  });
});

describe('the description', () => {
  test('tells since when, value, reason and further annotations', () => {
    const { facts, summary } = describeOne({ reason: 'connect_refused', team_note: 'ask Ann' });
    expect(summary).toBe('shop: 37% of requests fail');
    expect(facts).toEqual([
      { name: 'Since', value: '2026-11-20 10:03:12 UTC' },
      { name: 'Reason', value: 'connect_refused' },
      { name: 'Value', value: '0.371429' },
      { name: 'team_note', value: 'ask Ann' },
    ]);
  });

  test("prefers the rule's own words for the value", () => {
    expect(describeOne({ value: '37.1%' }).facts).toContainEqual({ name: 'Value', value: '37.1%' });
  });

  test('tells of a resolved alert how long it lasted', () => {
    const resolved = [sampleAlert({}, {}, SINCE_MS + 90_400)];
    const content = describeNotification(sampleNotification({ firing: [], resolved }), { consoleUrl: CONSOLE_URL }, 10);
    expect(content.alerts[0]?.facts).toContainEqual({ name: 'Until', value: '2026-11-20 10:04:42 UTC (1m30s)' });
    expect(content.lead).toBe('All clear: 1 alert resolved, none is firing any more.');
  });

  test('links to the trace, the runbook and the source, but only to web addresses', () => {
    const annotations = { trace_id: TRACE_ID, runbook_url: 'https://wiki.example/errors' };
    expect(describeOne(annotations, 'http://console.example:7600/rules').links).toEqual([
      { name: 'Trace', value: `${CONSOLE_URL}/trace/${TRACE_ID}` },
      { name: 'Runbook', value: 'https://wiki.example/errors' },
      { name: 'Source', value: 'http://console.example:7600/rules' },
    ]);
    expect(describeOne({ trace_id: '../x', runbook_url: 'javascript:alert(1)' }, 'file:///etc/passwd').links).toEqual(
      [],
    );
  });

  test('lists firing alerts first and says how many it leaves out', () => {
    const firing = Array.from({ length: 4 }, (_, index) => sampleAlert({ monitor: `m${index}` }));
    const resolved = [sampleAlert({ monitor: 'old' }, {}, SINCE_MS + 1)];
    const content = describeNotification(
      sampleNotification({ firing, resolved, reason: 'new_firing' }),
      { consoleUrl: CONSOLE_URL },
      3,
    );
    expect(content.alerts.map(({ state }) => state)).toEqual(['firing', 'firing', 'firing']);
    expect(content.hiddenCount).toBe(2);
    expect(content.lead).toBe('4 alerts are firing. 1 alert resolved since the last message.');
  });

  test('calls a repeated message a reminder', () => {
    const content = describeNotification(
      sampleNotification({ reason: 'repeat_interval' }),
      { consoleUrl: CONSOLE_URL },
      3,
    );
    expect(content.lead).toBe('Reminder: 1 alert is still firing.');
  });
});

test('shortening cuts no character in two', () => {
  expect(shorten('ab😀cd', 4)).toBe('ab…');
  expect(shorten('abcd', 4)).toBe('abcd');
});
