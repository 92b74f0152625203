import type { Delivery, Rule, RuleValues } from './rule-types.ts';

export interface RuleContract {
  'GET /api/v1/rules': { readonly input: Readonly<Record<never, never>>; readonly answer: readonly Rule[] };
  'GET /api/v1/rules/:group/:name/values': {
    readonly input: { readonly group: string; readonly name: string; readonly from: number; readonly to: number };
    readonly answer: RuleValues;
  };
  'GET /api/v1/deliveries': {
    readonly input: { readonly status?: 'pending' | 'delivered' | 'failed' | 'superseded' | undefined };
    readonly answer: readonly Delivery[];
  };
}
