import { expect, test } from 'vitest';
import { formatCalendar } from '../../src/oncall/ical.ts';

const shift = { startMs: Date.parse('2026-03-02T07:00Z'), endMs: Date.parse('2026-03-09T07:00Z') };

test('a calendar has an event for each shift, in UTC', () => {
  const text = formatCalendar(
    'On call: primary',
    [{ ...shift, schedule: 'primary', user: 'ana', source: { layer: 0 } }],
    Date.parse('2026-03-01T00:00Z'),
  );
  const lines = text.split('\r\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'DTSTAMP:20260301T000000Z',
      'DTSTART:20260302T070000Z',
      'DTEND:20260309T070000Z',
      'SUMMARY:ana is on call (primary)',
    ]),
  );
  expect(lines.at(-2)).toBe('END:VCALENDAR');
  expect(lines.at(-1)).toBe('');
});

test('text is escaped, and lines are folded at 75 octets, between characters', () => {
  const name = `a;b,c\\d\ne ${'ė'.repeat(80)}`;
  const text = formatCalendar(
    `On call: ${name}`,
    [{ ...shift, schedule: name, user: 'ana', source: { override: 'o' } }],
    0,
  );
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  expect(text).not.toContain('\uFFFD');
  expect(text.replaceAll('\r\n ', '')).toContain(String.raw`SUMMARY:ana is on call (a\;b\,c\\d\ne ${'ė'.repeat(80)})`);
  expect(text).toContain('CATEGORIES:OVERRIDE');
});

test('a shift keeps its UID when its end moves, and has another than the next', () => {
  const uids = (endMs: number, startMs = shift.startMs): string[] =>
    [
      ...formatCalendar('p', [{ schedule: 'p', startMs, endMs, user: 'ana', source: { layer: 0 } }], 0).matchAll(
        /UID:(\S+)/g,
      ),
    ].map(([, uid]) => uid ?? '');
  expect(uids(shift.endMs)).toEqual(uids(shift.endMs - 3_600_000));
  expect(uids(shift.endMs)).not.toEqual(uids(shift.endMs, shift.startMs + 1));
});
