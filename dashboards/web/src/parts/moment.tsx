import { zone } from '../state/settings.ts';
import { formatMoment, type Precision, viewerZone, zoneName } from '../words/moment.ts';

/** The zone in which times are written now. */
export function currentZone(): string {
  return zone.value === 'utc' ? 'UTC' : viewerZone();
}

/** A moment for people and machines: the text given, or date and time; the whole with its zone on pointing. */
export function Moment({
  atMs,
  text,
  precision,
}: {
  readonly atMs: number;
  readonly text?: string;
  readonly precision?: Precision;
}) {
  const at = currentZone();
  const whole = `${formatMoment(atMs, at, 'ms')} ${zoneName(at, atMs)}`;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={whole}>
      {text ?? formatMoment(atMs, at, precision)}
    </time>
  );
}
