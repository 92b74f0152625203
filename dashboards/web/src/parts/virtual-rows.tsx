import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Rows beyond the edge of what is seen, so that a fast finger finds them there. */
const BEYOND = 15;

/**
 * Rows of equal height, of which only those that are seen are in the page: ten thousand scroll like ten. The box that scrolls is the caller's.
 */
export function VirtualRows({
  box,
  count,
  rowPx,
  children,
}: {
  readonly box: RefObject<HTMLElement | null>;
  readonly count: number;
  readonly rowPx: number;
  readonly children: (index: number, topPx: number) => ComponentChildren;
}) {
  const [{ first, last }, setSeen] = useState({ first: 0, last: 60 });
  useEffect(() => {
    const { current } = box;
    if (!current) return undefined;
    const look = (): void => {
      const from = Math.max(0, Math.floor(current.scrollTop / rowPx) - BEYOND);
      const to = Math.ceil((current.scrollTop + current.clientHeight) / rowPx) + BEYOND;
      setSeen((before) => (before.first === from && before.last === to ? before : { first: from, last: to }));
    };
    look();
    current.addEventListener('scroll', look, { passive: true });
    const watcher = new ResizeObserver(look);
    watcher.observe(current);
    return () => {
      current.removeEventListener('scroll', look);
      watcher.disconnect();
    };
  }, [box, rowPx, count]);
  const indexes = Array.from({ length: Math.max(0, Math.min(last, count) - first) }, (_, index) => first + index);
  return (
    <div class="virtual" role="rowgroup" style={{ height: `${count * rowPx}px` }}>
      {indexes.map((index) => children(index, index * rowPx))}
    </div>
  );
}
