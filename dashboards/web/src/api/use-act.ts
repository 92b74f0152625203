import { useState } from 'preact/hooks';
import { refresh } from '../state/clock.ts';
import { type Answer, type ApiFailure, callApi, type EndpointKey, type Input } from './call-api.ts';

/** Doing something: whether it is under way, and why it did not work. */
export interface Act<Key extends EndpointKey> {
  readonly isBusy: boolean;
  readonly failure: ApiFailure | undefined;
  /** Does it, once at a time; then the whole page asks anew. @returns the answer, or `undefined` where it did not work */
  readonly run: (input: Input<Key>) => Promise<Answer<Key> | undefined>;
}

/** What a button does to the world. */
export function useAct<Key extends EndpointKey>(key: Key): Act<Key> {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure>();
  return {
    isBusy,
    failure,
    run: async (input) => {
      if (isBusy) return undefined;
      setBusy(true);
      const result = await callApi(key, input);
      setBusy(false);
      setFailure(result.status === 'ok' ? undefined : result);
      refresh();
      return result.status === 'ok' ? result.value : undefined;
    },
  };
}
