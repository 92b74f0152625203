import { useMemo, useRef, useState } from 'preact/hooks';
import { formatDurationMs } from '../../../../src/html/format.ts';
import type { TraceHit, TraceSearch } from '../../../../src/traces/contract-types.ts';
import { currentZone } from '../../parts/moment.tsx';
import { refresh } from '../../state/clock.ts';
import { type TimeWindow, writeRange } from '../../state/time-range.ts';
import { navigate, setQuery } from '../../state/url.ts';
import { formatMoment } from '../../words/moment.ts';
import { durationAt, type HeatScale, heightOf, placeOf, scaleOf, shadeOf, sideTicks } from './picture.ts';

const HEIGHT_PX = 190;
/** A shorter way of the pointer is a click, in px. */
const CLICK_PX = 5;

interface Drag {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/**
 * When spans of the service and operation took how long (shades), and the traces that were found (dots, each opens one). A rectangle that is drawn
 * chooses its time and its durations.
 */
export function HeatPicture({
  heat,
  traces,
  window,
}: {
  readonly heat: TraceSearch['heat'];
  readonly traces: readonly TraceHit[];
  readonly window: TimeWindow;
}) {
  const scale = useMemo(
    () =>
      scaleOf(
        heat.cells,
        traces.map(({ durationMs }) => durationMs),
      ),
    [heat, traces],
  );
  const { box, drag, handlers } = useDrag(scale, window);
  return (
    <figure class="heat">
      <div
        class="heat-box"
        ref={box}
        style={{ height: `${HEIGHT_PX}px` }}
        {...handlers}
        onClick={(event) => {
          const id = (event.target as Element).getAttribute('data-trace');
          if (id !== null) navigate(`/trace/${id}`);
        }}
      >
        <Shades heat={heat} window={window} scale={scale} />
        {sideTicks(scale).map((ms) => (
          <span key={ms} class="side" style={{ bottom: `${heightOf(scale, ms) * 100}%` }}>
            {formatDurationMs(ms)}
          </span>
        ))}
        {traces.map((hit) => (
          <span
            key={hit.traceId}
            class={hit.isError ? 'trace-dot down' : 'trace-dot'}
            data-trace={hit.traceId}
            title={`${hit.service}: ${hit.name}, ${formatDurationMs(hit.durationMs)}`}
            style={{
              left: `${placeOf(window, hit.atMs) * 100}%`,
              bottom: `${heightOf(scale, hit.durationMs) * 100}%`,
            }}
          />
        ))}
        {drag && (
          <span
            class="chosen"
            style={{
              left: `${Math.min(drag.x1, drag.x2) * 100}%`,
              top: `${Math.min(drag.y1, drag.y2) * 100}%`,
              width: `${Math.abs(drag.x2 - drag.x1) * 100}%`,
              height: `${Math.abs(drag.y2 - drag.y1) * 100}%`,
            }}
          />
        )}
      </div>
      <figcaption class="soft small">
        <span>{formatMoment(window.fromMs, currentZone(), 'minute')}</span>
        <span>
          shades: all spans of the service and operation · dots: the traces below · drag to choose a time and durations
        </span>
        <span>{formatMoment(window.toMs, currentZone(), 'minute')}</span>
      </figcaption>
    </figure>
  );
}

/** A rectangle that is drawn with the mouse, and a click that opens what is under it: fingers scroll, and tap. */
function useDrag(scale: HeatScale, window: TimeWindow) {
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag>();
  const pointOf = (event: PointerEvent): { readonly x: number; readonly y: number } => {
    const { left, top, width, height } = box.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    const share = (value: number): number => Math.min(1, Math.max(0, value));
    return { x: share((event.clientX - left) / width), y: share((event.clientY - top) / height) };
  };
  const choose = ({ x1, y1, x2, y2 }: Drag): void => {
    const at = (x: number): number => window.fromMs + x * (window.toMs - window.fromMs);
    const duration = (y: number): string => `${Number(durationAt(scale, 1 - y).toPrecision(3))}ms`;
    const isWide = Math.abs(y2 - y1) > 0.9;
    setQuery({
      ...writeRange({ kind: 'fixed', fromMs: at(Math.min(x1, x2)), toMs: at(Math.max(x1, x2)) }),
      ...(!isWide && { min: duration(Math.max(y1, y2)), max: duration(Math.min(y1, y2)) }),
      before: undefined,
    });
    refresh();
  };
  const onPointerUp = (event: PointerEvent): void => {
    if (!drag || !box.current) return;
    setDrag(undefined);
    const { width, height } = box.current.getBoundingClientRect();
    const far = Math.max(Math.abs(drag.x2 - drag.x1) * width, Math.abs(drag.y2 - drag.y1) * height);
    if (far > CLICK_PX) return choose(drag);
    const id = document.elementFromPoint(event.clientX, event.clientY)?.getAttribute('data-trace');
    if (id !== null && id !== undefined) navigate(`/trace/${id}`);
  };
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    box.current?.setPointerCapture(event.pointerId);
    const { x, y } = pointOf(event);
    setDrag({ x1: x, y1: y, x2: x, y2: y });
  };
  const onPointerMove = (event: PointerEvent): void => {
    const { x, y } = pointOf(event);
    if (drag) setDrag({ ...drag, x2: x, y2: y });
  };
  return {
    box,
    drag,
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: () => setDrag(undefined) },
  };
}

function Shades({
  heat: { cells, stepMs },
  window,
  scale,
}: {
  readonly heat: TraceSearch['heat'];
  readonly window: TimeWindow;
  readonly scale: HeatScale;
}) {
  return useMemo(() => {
    const most = cells.reduce((sum, [, , spans]) => Math.max(sum, spans), 0);
    const total = cells.reduce((sum, [, , spans]) => sum + spans, 0);
    return (
      <svg
        viewBox="0 0 1 1"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${total.toLocaleString('en-GB')} spans by time and duration`}
      >
        {cells.map(([atMs, half, spans, errors], index) => {
          const x = placeOf(window, atMs);
          const foot = half < 0 ? 0 : heightOf(scale, 2 ** (half / 2) / 1e6);
          const top = half < 0 ? 0.02 : heightOf(scale, 2 ** ((half + 1) / 2) / 1e6);
          return (
            <rect
              key={index}
              class={`heat-${shadeOf(spans, most)}${errors > 0 ? ' with-errors' : ''}`}
              x={x}
              y={1 - top}
              width={Math.max(placeOf(window, atMs + stepMs) - x - 0.001, 0.001)}
              height={Math.max(top - foot - 0.006, 0.004)}
            />
          );
        })}
      </svg>
    );
  }, [cells, stepMs, window.fromMs, window.toMs, scale]);
}
