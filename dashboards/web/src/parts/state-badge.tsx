import type { ComponentChildren } from 'preact';

/** How something is. `off`: muted, silenced, not counted. */
export type Tone = 'up' | 'degraded' | 'down' | 'unknown' | 'off';

/** The sign says the same as the colour. */
const SIGNS: Readonly<Record<Tone, string>> = { up: '●', degraded: '▲', down: '■', unknown: '?', off: '–' };

/** A state in a word, with a sign and a colour. */
export function StateBadge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <span class={`state ${tone}`}>
      <span aria-hidden="true">{SIGNS[tone]}</span> {children}
    </span>
  );
}
