import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatDurationMs } from '../../../../src/html/format.ts';
import type { Waterfall } from '../../../../src/trace/contract-types.ts';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import { SpanRow } from './span-row.tsx';
import { hasChildren, type Shown, visibleRows } from './visible-rows.ts';

export const ROW_PX = 30;
const TICKS = [0, 0.25, 0.5, 0.75];

/** The spans under one another along the time of the trace; a tree for the keyboard: arrows move, left closes, right opens. */
export function WaterfallTree(props: TreeProps) {
  const { rows, services, durationMs } = props.waterfall;
  const { selected, onSelect } = props;
  const box = useRef<HTMLDivElement>(null);
  const { visible, place, closed, toggle, onKeyDown } = useTree(props, box);
  const colours = useMemo(() => new Map(services.map((service, index) => [service, (index % 8) + 1])), [services]);
  return (
    <div
      class="waterfall"
      role="treegrid"
      aria-label="Spans"
      aria-rowcount={visible.length + 1}
      tabIndex={0}
      ref={box}
      onKeyDown={onKeyDown}
      {...(place >= 0 && { 'aria-activedescendant': `span-${selected}` })}
    >
      <Head durationMs={durationMs} />
      <VirtualRows box={box} count={visible.length} rowPx={ROW_PX}>
        {(position, topPx) => {
          const index = visible[position] ?? 0;
          const row = rows[index];
          return (
            row && (
              <SpanRow
                key={index}
                index={index}
                position={position}
                topPx={topPx}
                row={row}
                totalMs={durationMs}
                colour={colours.get(row.span.service) ?? 1}
                branch={hasChildren(rows, index) ? (closed.has(index) ? 'closed' : 'open') : 'none'}
                isSelected={index === selected}
                onSelect={() => onSelect(index)}
                onToggle={() => toggle(index)}
              />
            )
          );
        }}
      </VirtualRows>
    </div>
  );
}

function Head({ durationMs }: { readonly durationMs: number }) {
  return (
    <div class="waterfall-head" role="row" aria-rowindex={1}>
      <span role="columnheader">Span</span>
      <span role="columnheader" class="ticks" aria-label="Time">
        {TICKS.map((tick) => (
          <span key={tick} style={{ left: `${tick * 100}%` }}>
            {formatDurationMs(durationMs * tick)}
          </span>
        ))}
      </span>
      <span role="columnheader" class="number">
        Duration
      </span>
    </div>
  );
}

interface TreeProps {
  readonly waterfall: Waterfall;
  readonly shown: Shown;
  readonly selected: number | undefined;
  readonly onSelect: (index: number) => void;
}

/** What is open, which rows that leaves, and what the keys do; the chosen row is kept in sight. */
function useTree({ waterfall: { rows }, shown, selected, onSelect }: TreeProps, box: RefObject<HTMLDivElement | null>) {
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const visible = useMemo(() => visibleRows(rows, closed, shown), [rows, closed, shown.find, shown.only]);
  const place = selected === undefined ? -1 : visible.indexOf(selected);
  useEffect(() => {
    if (place < 0 || !box.current) return;
    const { scrollTop, clientHeight } = box.current;
    const head = ROW_PX;
    if (place * ROW_PX < scrollTop) box.current.scrollTop = place * ROW_PX;
    else if ((place + 1) * ROW_PX + head > scrollTop + clientHeight)
      box.current.scrollTop = (place + 1) * ROW_PX + head - clientHeight;
  }, [place, visible]);
  const toggle = (index: number, close = !closed.has(index)): void => {
    const next = new Set(closed);
    if (close) next.add(index);
    else next.delete(index);
    setClosed(next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / ROW_PX) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: place + 1,
      ArrowUp: Math.max(place - 1, 0),
      PageDown: place + page,
      PageUp: Math.max(place - page, 0),
      Home: 0,
      End: visible.length - 1,
    };
    const moved = visible[Math.min(moves[event.key] ?? -1, visible.length - 1)];
    if (moved !== undefined) onSelect(moved);
    else if (selected !== undefined && event.key === 'ArrowLeft') toggle(selected, true);
    else if (selected !== undefined && event.key === 'ArrowRight') toggle(selected, false);
    else return;
    event.preventDefault();
  };
  return { visible, place, closed, toggle, onKeyDown };
}
