import { formatDuration, type Matcher } from '@tocsin/service/config';
import type { LinkActions } from './link-routes.ts';

/** As much of the store of silences as a link needs. */
export interface SilencePort {
  save(
    silence: {
      readonly matchers: readonly Matcher[];
      readonly startsAtMs: number;
      readonly endsAtMs: number;
      readonly createdBy: string;
      readonly comment: string;
    },
    nowMs: number,
  ): { readonly id: string };
}

/** What the silence link of a message does: a silence for exactly the labels that the message's alerts share. */
export function silenceByLink(silences: SilencePort): NonNullable<LinkActions['silence']> {
  return ({ labels, title }, durationMs, actor, nowMs) => {
    const matchers = Object.entries(labels).map(([name, value]): Matcher => ({ name, op: '=', value }));
    // Without a label it would be for everything.
    if (matchers.length === 0)
      return {
        status: 'refused',
        sentence: 'These alerts have no label in common: make the silence in the console or the API.',
      };
    const silence = {
      matchers,
      startsAtMs: nowMs,
      endsAtMs: nowMs + durationMs,
      createdBy: actor,
      comment: `By the link of ${title}`,
    };
    const { id } = silences.save(silence, nowMs);
    return { status: 'done', sentence: `Silenced for ${formatDuration(durationMs)}, by ${actor}: ${id}` };
  };
}
