import type { Matcher } from '@tocsin/service/config';
import { compileMatchers } from '../notify/matchers.ts';

/** A silence: alerts that all its matchers match are told to nobody from its start until its end. Times are Unix milliseconds. */
export interface Silence {
  /** UUID, version 4. */
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
}

/** A silence as somebody asks for it: with the id of the one that it changes, without one for a new one. */
export type SilenceRequest = Omit<Silence, 'id' | 'updatedAtMs'> & { readonly id?: string | undefined };

export type SilenceState = 'pending' | 'active' | 'expired';

/** Which state a silence is in: the start belongs to it, the end does not. */
export function silenceState({ startsAtMs, endsAtMs }: Silence, nowMs: number): SilenceState {
  if (nowMs >= endsAtMs) return 'expired';
  return nowMs < startsAtMs ? 'pending' : 'active';
}

/** Every code a `SilenceError` can have; `README.md` of this folder explains each. */
export const SILENCE_ERROR_CODES = [
  'TOCSIN_ALERTING_SILENCE_INVALID',
  'TOCSIN_ALERTING_SILENCE_NOT_FOUND',
  'TOCSIN_ALERTING_SILENCE_LIMIT',
] as const;

export type SilenceErrorCode = (typeof SILENCE_ERROR_CODES)[number];

/** The silence cannot be saved or expired; the message says what was expected. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError';
  readonly code: SilenceErrorCode;

  constructor(code: SilenceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const MAX_MATCHERS = 100;
const MAX_TEXT = 4_096;

/**
 * Refuses what cannot be a silence. Source: Alertmanager's behaviour at `POST /api/v2/silences`; the limits are ours.
 * @throws SilenceError `TOCSIN_ALERTING_SILENCE_INVALID`
 */
export function checkSilence(request: SilenceRequest, nowMs: number): void {
  const { matchers, startsAtMs, endsAtMs, createdBy, comment } = request;
  const refuse = (expected: string, cause?: unknown): never => {
    throw new SilenceError('TOCSIN_ALERTING_SILENCE_INVALID', `expected ${expected}`, { cause });
  };
  if (matchers.length === 0 || matchers.length > MAX_MATCHERS) refuse(`1 to ${MAX_MATCHERS} matchers`);
  if (matchers.some(({ name }) => name === '')) refuse('a label name in each matcher');
  if (matchers.some(({ name, value }) => name.length > MAX_TEXT || value.length > MAX_TEXT))
    refuse(`matchers of at most ${MAX_TEXT} characters`);
  if (createdBy.length > MAX_TEXT || comment.length > MAX_TEXT)
    refuse(`an author and a comment of at most ${MAX_TEXT} characters`);
  if (!Number.isSafeInteger(startsAtMs) || !Number.isSafeInteger(endsAtMs)) refuse('a start and an end');
  if (endsAtMs <= startsAtMs) refuse('an end after the start');
  if (endsAtMs <= nowMs) refuse('an end in the future');
  try {
    // Whatever lacks all of the labels would match: no silence is for everything.
    if (matchers.every((matcher) => compileMatchers([matcher])({})))
      refuse('at least one matcher that does not match an empty value');
  } catch (error) {
    if (error instanceof SilenceError) throw error;
    refuse("regular expressions in RE2's syntax", error);
  }
}

/**
 * Whether a change keeps the silence itself: equal matchers, an active one's start as it is, a pending one's start still ahead. Any other
 * change makes a new silence. Source: Alertmanager's behaviour.
 */
export function canChangeInPlace(known: Silence, request: SilenceRequest, nowMs: number): boolean {
  const state = silenceState(known, nowMs);
  if (state === 'expired' || !haveEqualMatchers(known.matchers, request.matchers)) return false;
  if (state === 'pending') return request.startsAtMs >= nowMs;
  return Math.floor(known.startsAtMs / 1_000) === Math.floor(request.startsAtMs / 1_000);
}

/** Whether both match the same, in whatever order they say it. */
export function haveEqualMatchers(a: readonly Matcher[], b: readonly Matcher[]): boolean {
  const keys = (matchers: readonly Matcher[]): string[] =>
    matchers.map(({ name, op, value }) => JSON.stringify([name, op, value])).sort();
  return keys(a).join('\n') === keys(b).join('\n');
}
