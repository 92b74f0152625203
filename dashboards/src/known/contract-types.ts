import type { SignalKeysRow } from '../queries/signal-keys.ts';

/** What pickers offer: keys and values of attributes that have been seen. */
export interface KnownContract {
  'GET /api/v1/known/keys': {
    readonly input: { readonly signal: 'logs' | 'metrics'; readonly name?: string | undefined; readonly from: number };
    readonly answer: readonly SignalKeysRow[];
  };
  'GET /api/v1/known/values': {
    readonly input: {
      readonly signal: 'logs' | 'metrics';
      readonly name?: string | undefined;
      readonly key: string;
      /** In the value, in any case. */
      readonly part?: string | undefined;
      readonly from: number;
    };
    readonly answer: readonly string[];
  };
}
