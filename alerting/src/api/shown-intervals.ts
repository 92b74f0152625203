import type { InclusiveRange, NamedTimeInterval, TimeInterval } from '@tocsin/service/config';

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Time intervals as Alertmanager's configuration has them. Source: Alertmanager documentation, "Configuration", `<time_interval>`. */
export function showNamedInterval({ name, intervals }: NamedTimeInterval): object {
  return { name, time_intervals: intervals.map(showInterval) };
}

function showInterval({ times, weekdays, daysOfMonth, months, years, location }: TimeInterval): object {
  const shown = {
    times: times?.map(({ startMinute, endMinute }) => ({ start_time: clock(startMinute), end_time: clock(endMinute) })),
    weekdays: weekdays?.map((range) => showRange(range, (day) => WEEKDAYS[day] ?? '')),
    days_of_month: daysOfMonth?.map((range) => showRange(range, String)),
    months: months?.map((range) => showRange(range, String)),
    years: years?.map((range) => showRange(range, String)),
    location,
  };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined));
}

function showRange({ from, to }: InclusiveRange, show: (member: number) => string): string {
  return from === to ? show(from) : `${show(from)}:${show(to)}`;
}

function clock(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
