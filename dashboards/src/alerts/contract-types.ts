import type { AlertView } from './alert-types.ts';

export interface AlertContract {
  /** What fires now, silenced or not; newest first. */
  'GET /api/v1/alerts': { readonly input: Readonly<Record<never, never>>; readonly answer: readonly AlertView[] };
}
