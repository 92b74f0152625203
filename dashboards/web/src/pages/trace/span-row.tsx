import { formatDurationMs } from '../../../../src/html/format.ts';
import type { WaterfallRow } from '../../../../src/trace/contract-types.ts';

const MAX_INDENT = 24;
/** The narrowest bar that is still seen, in hundredths of the width. */
const LEAST = 0.4;

/** A span of the waterfall. */
export function SpanRow({
  index,
  position,
  topPx,
  row,
  totalMs,
  colour,
  branch,
  isSelected,
  onSelect,
  onToggle,
}: {
  readonly index: number;
  readonly position: number;
  readonly topPx: number;
  readonly row: WaterfallRow;
  readonly totalMs: number;
  readonly colour: number;
  readonly branch: 'open' | 'closed' | 'none';
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  readonly onToggle: () => void;
}) {
  const { span, depth } = row;
  return (
    <div
      id={`span-${index}`}
      class={`span-row ${isSelected ? 'selected' : ''}`}
      role="row"
      aria-level={Math.min(depth, 10_000) + 1}
      aria-rowindex={position + 2}
      aria-selected={isSelected}
      {...(branch !== 'none' && { 'aria-expanded': branch === 'open' })}
      style={{ top: `${topPx}px` }}
      onClick={onSelect}
    >
      <NameCell row={row} colour={colour} branch={branch} onToggle={onToggle} />
      <span role="gridcell" class="span-time">
        <SpanBar row={row} totalMs={totalMs} colour={colour} />
      </span>
      <span role="gridcell" class="number">
        {formatDurationMs(span.duration_ms)}
      </span>
    </div>
  );
}

function NameCell({
  row: { span, depth, orphan, skewMs, critical },
  colour,
  branch,
  onToggle,
}: {
  readonly row: WaterfallRow;
  readonly colour: number;
  readonly branch: 'open' | 'closed' | 'none';
  readonly onToggle: () => void;
}) {
  const isFailed = span.status === 'Error';
  return (
    <span role="gridcell" class="span-name">
      <span class="indent" style={{ width: `calc(var(--indent) * ${Math.min(depth, MAX_INDENT)})` }} />
      {branch === 'none' ? (
        <span class="twig" />
      ) : (
        <button
          type="button"
          class="twig"
          tabIndex={-1}
          aria-label={branch === 'open' ? 'Close' : 'Open'}
          onClick={(event) => {
            event.stopPropagation();
            onToggle();
          }}
        >
          {branch === 'open' ? '▾' : '▸'}
        </button>
      )}
      <span class={`dot s-${colour}`} />
      <span class={isFailed ? 'name bad' : 'name'}>
        <bdi>{span.name}</bdi>
      </span>
      <span class="soft small">
        <bdi>{span.service}</bdi>
        {isFailed && ' · error'}
        {critical && <span class="hidden-text"> · on the critical path</span>}
        {orphan && ' · its parent is not here'}
        {skewMs !== undefined && ' · begins before its parent'}
      </span>
      {span.failure !== '' && (
        <span class="bad small">
          <bdi>{span.failure}</bdi>
        </span>
      )}
    </span>
  );
}

function SpanBar({
  row: { span, offsetMs, critical = [] },
  totalMs,
  colour,
}: {
  readonly row: WaterfallRow;
  readonly totalMs: number;
  readonly colour: number;
}) {
  const scale = totalMs > 0 ? 100 / totalMs : 0;
  const x = Math.min(offsetMs * scale, 100 - LEAST);
  const width = Math.max(Math.min(span.duration_ms * scale, 100 - x), LEAST);
  const label = `starts at ${formatDurationMs(offsetMs)}, takes ${formatDurationMs(span.duration_ms)}`;
  return (
    <svg class="span" viewBox="0 0 100 16" preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      {[25, 50, 75].map((at) => (
        <line key={at} x1={at} x2={at} y1="0" y2="16" />
      ))}
      <rect class={span.status === 'Error' ? 'bar down' : `bar s-${colour}`} {...box(x, width)} y="4" height="8" />
      {critical.map(([fromMs, toMs], index) => (
        <rect
          key={index}
          class="critical"
          {...box(Math.min(fromMs * scale, 100 - LEAST), Math.max((toMs - fromMs) * scale, LEAST))}
          y="12"
          height="2.5"
        />
      ))}
      {span.event_offsets_ms.map((atMs, index) => (
        <rect
          key={`e${index}`}
          class="event"
          {...box(Math.max(0, Math.min((offsetMs + atMs) * scale, 99.8)), 0.25)}
          y="2"
          height="10"
        />
      ))}
    </svg>
  );
}

function box(x: number, width: number): { readonly x: string; readonly width: string } {
  return { x: x.toFixed(2), width: width.toFixed(2) };
}
