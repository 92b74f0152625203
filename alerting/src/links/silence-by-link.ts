import { formatDuration, type Matcher } from '@tocsin/service/config';
import { haveEqualMatchers, SilenceError } from '../silences/silence.ts';
import type { SilenceStore } from '../silences/silence-store.ts';
import type { LinkActions, LinkOutcome } from './link-routes.ts';

/** As much of the store of silences as a link needs. */
export type SilencePort = Pick<SilenceStore, 'save' | 'find' | 'silencing'>;

/**
 * What the silence link of a message does: a silence for exactly the labels that the message's alerts share. One that goes on for the same labels is made
 * longer where that is asked, and never doubled.
 */
export function silenceByLink(silences: SilencePort): NonNullable<LinkActions['silence']> {
  return ({ labels, title }, durationMs, actor, nowMs) => {
    const matchers = Object.entries(labels).map(([name, value]): Matcher => ({ name, op: '=', value }));
    // Without a label it would be for everything.
    if (matchers.length === 0)
      return {
        status: 'refused',
        sentence: 'These alerts have no label in common: make the silence in the console or the API.',
      };
    const wanted = {
      matchers,
      startsAtMs: nowMs,
      endsAtMs: nowMs + durationMs,
      createdBy: actor,
      comment: `By the link of ${title}`,
    };
    const known = silences
      .silencing(labels, nowMs)
      .map((id) => silences.find(id))
      .find((silence) => silence && haveEqualMatchers(silence.matchers, matchers));
    if (known && known.endsAtMs >= wanted.endsAtMs)
      return done(`Silenced until ${iso(known.endsAtMs)} already, by ${known.createdBy}: ${known.id}`);
    try {
      const { id } = silences.save(known ? { ...wanted, id: known.id, startsAtMs: known.startsAtMs } : wanted, nowMs);
      return done(`Silenced for ${formatDuration(durationMs)}, by ${actor}: ${id}`);
    } catch (error) {
      if (!(error instanceof SilenceError)) throw error;
      return {
        status: 'refused',
        sentence: `Not silenced: ${error.message}. Make the silence in the console or the API.`,
      };
    }
  };
}

const iso = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const done = (sentence: string): LinkOutcome => ({ status: 'done', sentence });
