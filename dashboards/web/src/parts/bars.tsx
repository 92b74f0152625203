import { navigate } from '../state/url.ts';
import type { Tone } from './state-badge.tsx';

/** One bar of a row. */
export interface Bar {
  readonly tone: Tone | 'none';
  /** On pointing: what it stands for. */
  readonly title: string;
  /** A page of ours that a click opens; for the keyboard there is another way to it. */
  readonly href?: string | undefined;
}

const WIDTH = 5;
const HEIGHT = 22;
const PART: Readonly<Record<Bar['tone'], number>> = { up: 1, degraded: 1, down: 1, unknown: 0.6, off: 0.6, none: 0.25 };

/** A row of bars, the oldest first: days of a monitor, runs of a location. Height says what colour says. `label` says it in words. */
export function Bars({
  bars,
  label,
  slots = bars.length,
}: {
  readonly bars: readonly Bar[];
  readonly label: string;
  /** Room for so many; fewer stand at the right, so that rows of different lengths compare. */
  readonly slots?: number;
}) {
  const free = Math.max(0, slots - bars.length);
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${(free + bars.length) * WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {bars.map(({ tone, title, href }, index) => {
        const height = HEIGHT * PART[tone];
        return (
          <rect
            key={index}
            class={href === undefined ? tone : `${tone} opens`}
            x={(free + index) * WIDTH}
            y={HEIGHT - height}
            width={WIDTH - 1}
            height={height}
            {...(href !== undefined && { onClick: () => navigate(href) })}
          >
            <title>{title}</title>
          </rect>
        );
      })}
    </svg>
  );
}
