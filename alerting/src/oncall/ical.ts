import { createHash } from 'node:crypto';
import type { Shift } from '@tocsin/service/on-call';

/** A shift with the schedule that it is of. */
export interface CalendarEntry extends Shift {
  readonly schedule: string;
}

/** Octets of a line, without its end. Source: RFC 5545, section 3.1. */
const MAX_LINE = 75;

/**
 * A calendar of shifts for a phone: iCalendar, times in UTC, one event a shift. A shift keeps its UID as long as its start and its person stay.
 * Source: RFC 5545.
 * @param madeAtMs when this calendar is made, Unix milliseconds
 */
export function formatCalendar(title: string, entries: readonly CalendarEntry[], madeAtMs: number): string {
  const stamp = utc(madeAtMs);
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Tocsin//On-call//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escape(title)}`,
    ...entries.flatMap(({ schedule, startMs, endMs, user, source }) => [
      'BEGIN:VEVENT',
      `UID:${uidOf(schedule, user, startMs)}`,
      `DTSTAMP:${stamp}`,
      `DTSTART:${utc(startMs)}`,
      `DTEND:${utc(endMs)}`,
      `SUMMARY:${escape(`${user} is on call (${schedule})`)}`,
      ...('override' in source ? ['CATEGORIES:OVERRIDE'] : []),
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join('');
}

function uidOf(schedule: string, user: string, startMs: number): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([schedule, user, startMs]))
    .digest('hex');
  return `${digest.slice(0, 32)}@tocsin`;
}

function utc(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** Source: RFC 5545, section 3.3.11. */
function escape(text: string): string {
  return text.replaceAll(/[\\;,]/g, String.raw`\$&`).replaceAll(/\r?\n/g, String.raw`\n`);
}

/** Cuts between characters, never inside one: the limit is in octets. */
function fold(line: string): string {
  let folded = '';
  let length = 0;
  for (const character of line) {
    const octets = Buffer.byteLength(character);
    if (length + octets > MAX_LINE) {
      folded += '\r\n ';
      length = 1;
    }
    folded += character;
    length += octets;
  }
  return folded;
}
