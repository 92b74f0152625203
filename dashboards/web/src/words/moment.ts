/** The zone of the viewer, as `Europe/Berlin`. */
export function viewerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A zone's name for people at a moment: `UTC`, `GMT+1`, `CET`. */
export function zoneName(timeZone: string, atMs: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'short' }).formatToParts(atMs);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

/** How much of a moment is written. */
export type Precision = 'day' | 'minute' | 'second' | 'ms';

/** A moment in a zone, without its name: `2026-11-22 19:42:10`. */
export function formatMoment(atMs: number, timeZone: string, precision: Precision = 'second'): string {
  const { year, month, day, hour, minute, second } = partsOf(atMs, timeZone);
  const date = `${year}-${month}-${day}`;
  if (precision === 'day') return date;
  if (precision === 'minute') return `${date} ${hour}:${minute}`;
  const text = `${date} ${hour}:${minute}:${second}`;
  return precision === 'ms' ? `${text}.${String(Math.floor(((atMs % 1_000) + 1_000) % 1_000)).padStart(3, '0')}` : text;
}

/** The time of day alone where it is of the same day as `nowMs`, else with its date. */
export function formatClock(atMs: number, nowMs: number, timeZone: string): string {
  const text = formatMoment(atMs, timeZone);
  return formatMoment(nowMs, timeZone, 'day') === text.slice(0, 10) ? text.slice(11) : text.slice(5, 16);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(atMs: number, timeZone: string): Readonly<Record<string, string>> {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
}
