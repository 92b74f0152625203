import { useEffect, useState } from 'preact/hooks';
import type { LogSearch } from '../../../../src/logs/contract-types.ts';
import { callApi } from '../../api/call-api.ts';
import { isVisible } from '../../state/clock.ts';
import { growTail, type Tail } from './search.ts';

const EVERY_MS = 2_000;
const KEPT = 1_000;
const AT_ONCE = 500;
/** Where it begins, before now. */
const BEGIN_MS = 5 * 60_000;
/** Records come some seconds after their own time, through journal and batches: so far back it is asked again, in ms. */
const LATE_MS = 20_000;
/** A sender's clock may be ahead. */
const AHEAD_MS = 60_000;

const NOTHING: Tail = { records: [], dropped: 0, missed: false };

/** Follows the newest records while `isOn` and the page is seen: asks every two seconds for those of the last ones' time on. */
export function useTail(search: LogSearch, isOn: boolean): Tail & { readonly failure: string | undefined } {
  const [tail, setTail] = useState(NOTHING);
  const [failure, setFailure] = useState<string>();
  const subject = JSON.stringify({ ...search, from: 0, to: 0 });
  const visible = isVisible.value;
  useEffect(() => setTail(NOTHING), [subject, isOn]);
  useEffect(() => {
    if (!isOn || !visible) return undefined;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let fromMs = Date.now() - BEGIN_MS;
    const ask = async (): Promise<void> => {
      const nowMs = Date.now();
      const given = await callApi(
        'GET /api/v1/logs',
        { ...search, from: Math.floor(fromMs), to: nowMs + AHEAD_MS, limit: AT_ONCE },
        controller.signal,
      );
      setFailure(given.status === 'ok' ? undefined : given.message);
      if (given.status === 'ok') {
        const { records, next } = given.value;
        setTail((before) => growTail(before, { records, hasMore: next !== undefined }, KEPT));
        fromMs = Math.max(fromMs, nowMs - LATE_MS - EVERY_MS);
      }
    };
    const follow = (): void => {
      ask().then(
        () => {
          if (!controller.signal.aborted) timer = setTimeout(follow, EVERY_MS);
        },
        () => undefined,
      );
    };
    follow();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [subject, isOn, visible]);
  return { ...tail, failure };
}
