import { useEffect, useRef, useState } from 'preact/hooks';
import type { TraceView } from '../../../../src/trace/contract-types.ts';
import { type ApiFailure, callApi } from '../../api/call-api.ts';
import { askedAtMs, isVisible } from '../../state/clock.ts';

/** Spans arrive for so long after a trace has ended, in ms; afterwards it is not asked for anew. */
const ARRIVING_MS = 120_000;

/** A trace, asked for as often as the page asks anew while spans of it may still arrive, and then no more. */
export function useTrace(id: string): {
  readonly value: TraceView | undefined;
  readonly failure: ApiFailure | undefined;
} {
  const [result, setResult] = useState<{ readonly value?: TraceView; readonly failure?: ApiFailure }>({});
  const latest = useRef<TraceView>(undefined);
  const clock = askedAtMs.value;
  const visible = isVisible.value;
  useEffect(() => {
    const { current } = latest;
    const isSettled = current && current.waterfall.startMs + current.waterfall.durationMs < clock - ARRIVING_MS;
    if (!visible || isSettled) return undefined;
    const controller = new AbortController();
    callApi('GET /api/v1/traces/:id', { id }, controller.signal).then(
      (given) => {
        if (controller.signal.aborted) return;
        if (given.status === 'ok') latest.current = given.value;
        setResult({
          ...(latest.current && { value: latest.current }),
          ...(given.status !== 'ok' && { failure: given }),
        });
      },
      () => undefined,
    );
    return () => controller.abort();
  }, [id, clock, visible]);
  return { value: result.value, failure: result.failure };
}
