/** What the page looks at: the time up to now, or from one moment to another. Times in Unix ms. */
export type TimeRange =
  | { readonly kind: 'recent'; readonly lengthMs: number }
  | { readonly kind: 'fixed'; readonly fromMs: number; readonly toMs: number };

/** From and to in Unix ms. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const LONGEST_MS = 400 * 86_400_000;
const DEFAULT_MS = 3_600_000;

/** What can be chosen at once. */
export const PRESETS = ['5m', '15m', '30m', '1h', '3h', '6h', '12h', '24h', '2d', '7d', '30d', '90d'] as const;
/** How often a page can ask anew. */
export const REFRESHES = ['off', '5s', '10s', '30s', '1m', '5m'] as const;

/** A length as `15m`, in ms; `undefined` for anything else. */
export function parseLength(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,5})([smhdw])$/.exec(text.trim()) ?? [];
  const lengthMs = Number(number) * (UNITS_MS[unit] ?? 0);
  return lengthMs > 0 && lengthMs <= LONGEST_MS ? lengthMs : undefined;
}

/** A length in the largest unit that it is whole in: `90m`, `24h`, `7d`. */
export function writeLength(lengthMs: number): string {
  const unit = ['w', 'd', 'h', 'm', 's'].find((one) => lengthMs % (UNITS_MS[one] ?? 1) === 0) ?? 's';
  if (unit === 'w') return `${lengthMs / 86_400_000}d`;
  return lengthMs === 86_400_000 ? '24h' : `${Math.round(lengthMs / (UNITS_MS[unit] ?? 1_000))}${unit}`;
}

/** The range that a URL says: `range=1h`, or `from` and `to` in Unix ms or ISO 8601; an hour where it says none that can be. */
export function readRange(query: URLSearchParams): TimeRange {
  const fromMs = readMoment(query.get('from'));
  const toMs = readMoment(query.get('to'));
  if (fromMs !== undefined && toMs !== undefined && toMs > fromMs && toMs - fromMs <= LONGEST_MS)
    return { kind: 'fixed', fromMs, toMs };
  return { kind: 'recent', lengthMs: parseLength(query.get('range') ?? '') ?? DEFAULT_MS };
}

/** What to write into the URL for a range. */
export function writeRange(range: TimeRange): {
  range: string | undefined;
  from: string | undefined;
  to: string | undefined;
} {
  return range.kind === 'recent'
    ? { range: range.lengthMs === DEFAULT_MS ? undefined : writeLength(range.lengthMs), from: undefined, to: undefined }
    : { range: undefined, from: String(Math.round(range.fromMs)), to: String(Math.round(range.toMs)) };
}

/** From and to of a range. */
export function windowOf(range: TimeRange, nowMs: number): TimeWindow {
  return range.kind === 'fixed'
    ? { fromMs: range.fromMs, toMs: range.toMs }
    : { fromMs: nowMs - range.lengthMs, toMs: nowMs };
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * 1_000,
);

/** The width of a point, in ms, so that a window has at most `points` of them; a round one. */
export function chooseStepMs({ fromMs, toMs }: TimeWindow, points: number, smallestMs = 1_000): number {
  const wantedMs = Math.max((toMs - fromMs) / points, smallestMs);
  return STEPS_MS.find((stepMs) => stepMs >= wantedMs) ?? 86_400_000;
}

function readMoment(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  const atMs = /^\d{1,14}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}
