import type { Overview } from './overview-types.ts';

export interface OverviewContract {
  'GET /api/v1/overview': { readonly input: Readonly<Record<never, never>>; readonly answer: Overview };
}
