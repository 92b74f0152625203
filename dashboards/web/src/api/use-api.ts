import { useEffect, useRef, useState } from 'preact/hooks';
import { askedAtMs, isVisible } from '../state/clock.ts';
import { type Answer, type ApiFailure, type ApiResult, callApi, type EndpointKey, type Input } from './call-api.ts';

/** What a page has of an endpoint. */
export interface Loaded<Value> {
  /** The newest value that came; it stays while a newer one is on its way, and when that fails. */
  readonly value: Value | undefined;
  /** Why the last time of asking gave none. */
  readonly failure: ApiFailure | undefined;
  readonly isLoading: boolean;
  /** Asks anew, now. */
  readonly reload: () => void;
}

/**
 * Asks an endpoint when the component appears, when its input changes, and as often as the page asks anew (`clock.ts`), never while nobody
 * sees the page. One request at a time: a new one ends the old. `undefined` as input asks nothing.
 */
export function useApi<Key extends EndpointKey>(key: Key, input: Input<Key> | undefined): Loaded<Answer<Key>> {
  const [result, setResult] = useState<{
    readonly for: string;
    readonly value?: Answer<Key>;
    readonly failure?: ApiFailure;
  }>();
  const [isLoading, setLoading] = useState(false);
  const [asked, setAsked] = useState(0);
  // Times move with the clock: what is asked about is the same as long as the rest of the input is.
  const subject = JSON.stringify([key, input], (name, value: unknown) => (isTime(name) ? undefined : value));
  const text = input === undefined ? undefined : JSON.stringify(input);
  const clock = askedAtMs.value;
  const visible = isVisible.value;
  const latest = useRef(input);
  latest.current = input;
  useEffect(() => {
    const { current } = latest;
    if (current === undefined || !visible) return undefined;
    const controller = new AbortController();
    setLoading(true);
    callApi(key, current, controller.signal).then(
      (given: ApiResult<Answer<Key>>) => {
        if (controller.signal.aborted) return;
        setLoading(false);
        setResult((before) => ({
          for: subject,
          ...(given.status === 'ok'
            ? { value: given.value }
            : {
                failure: given,
                ...(before?.for === subject && before.value !== undefined && { value: before.value }),
              }),
        }));
      },
      () => undefined,
    );
    return () => controller.abort();
  }, [key, text, clock, visible, asked]);
  const isOurs = result?.for === subject;
  return {
    value: isOurs ? result.value : undefined,
    failure: isOurs ? result.failure : undefined,
    isLoading: isLoading || (input !== undefined && !isOurs),
    reload: () => setAsked((count) => count + 1),
  };
}

function isTime(name: string): boolean {
  return name === 'from' || name === 'to' || name === 'now';
}
