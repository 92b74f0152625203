import type { Silence, SilencePreview } from './silence-types.ts';

export interface SilenceContract {
  /** Active and pending ones, and those that ended in the last days. */
  'GET /api/v1/silences': { readonly input: Readonly<Record<never, never>>; readonly answer: readonly Silence[] };
  'POST /api/v1/silences/preview': {
    /** As `severity="page"`. */
    readonly input: { readonly matchers: readonly string[] };
    readonly answer: SilencePreview;
  };
  'POST /api/v1/silences': {
    readonly input: {
      readonly matchers: readonly string[];
      /** Unix ms; now where nothing is said. */
      readonly startsAt?: number | undefined;
      readonly endsAt: number;
      readonly comment: string;
    };
    readonly answer: { readonly id: string };
  };
  'POST /api/v1/silences/:id/expire': {
    readonly input: { readonly id: string };
    readonly answer: { readonly id: string };
  };
}
