import type { OnCallPage, Override } from './oncall-types.ts';

export interface OnCallContract {
  'GET /api/v1/oncall': {
    readonly input: { readonly start: number; readonly end: number };
    readonly answer: OnCallPage;
  };
  'POST /api/v1/oncall/overrides': {
    /** Times in Unix ms. */
    readonly input: { readonly schedule: string; readonly user: string; readonly start: number; readonly end: number };
    readonly answer: Override;
  };
  'POST /api/v1/oncall/overrides/:id/delete': { readonly input: { readonly id: string }; readonly answer: Override };
}
