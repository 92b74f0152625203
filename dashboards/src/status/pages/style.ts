import { createHash } from 'node:crypto';

/** Of pages without a colour of their own: dark in both themes, so that white is read well on it. */
export const USUAL_COLOR = '#1f3a5f';

const RULES = `
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
.wide { max-width: 54rem; margin: 0 auto; padding-inline: 1.25rem; }
.head { background: var(--brand); color: var(--on-brand); padding-block: 1.5rem; }
.head a { color: inherit; text-decoration: none; } .head a:hover { text-decoration: underline; }
.head img { display: block; max-height: 3rem; max-width: 100%; margin-bottom: .75rem; }
.head h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; } .head p { margin: .25rem 0 0; }
main { padding-block: 1.25rem; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.head a:focus-visible { outline-color: var(--on-brand); }
h2 { font-size: 1.15rem; margin: 0 0 .5rem; overflow-wrap: anywhere; } h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin-bottom: 1.25rem; padding: 1rem 1.25rem; }
p { margin: .25rem 0; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: .875rem; }
.text { white-space: pre-line; }
.banner { border-left: 6px solid var(--mark-unknown); font-size: 1.15rem; font-weight: 600; }
.banner.up { border-left-color: var(--mark-up); } .banner.degraded { border-left-color: var(--mark-degraded); }
.banner.down { border-left-color: var(--mark-down); } .banner.maintenance { border-left-color: var(--mark-maintenance); }
.banner p { font-weight: 400; font-size: .9rem; }
.notice { background: var(--wash-degraded); color: var(--degraded); border-color: transparent; }
.row { border-top: 1px solid var(--line); padding: .9rem 0; } .row:first-of-type { border-top: 0; padding-top: .25rem; } .row:last-child { padding-bottom: 0; }
.title { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1rem; align-items: baseline; }
.state { display: inline-block; border-radius: 5px; padding: .05rem .55rem; font-weight: 600; font-size: .875rem; white-space: nowrap; background: var(--wash-unknown); color: var(--unknown); }
.state.up { background: var(--wash-up); color: var(--up); } .state.degraded { background: var(--wash-degraded); color: var(--degraded); }
.state.down { background: var(--wash-down); color: var(--down); } .state.maintenance { background: var(--wash-maintenance); color: var(--maintenance); }
svg { display: block; width: 100%; }
svg.bars { height: 2.25rem; margin: .5rem 0 .25rem; }
svg.chart { height: 7rem; margin: .1rem 0 .25rem; overflow: visible; } svg.chart path { vector-effect: non-scaling-stroke; } p.top { margin: .35rem 0 0; }
svg .up { fill: var(--mark-up); } svg .degraded { fill: var(--mark-degraded); } svg .down { fill: var(--mark-down); }
svg .maintenance { fill: var(--mark-maintenance); } svg .unknown { fill: var(--mark-unknown); }
svg .p50 { stroke: var(--link); stroke-width: 2px; } svg .p95 { stroke: var(--soft); stroke-width: 1.5px; } svg .grid { stroke: var(--line); }
.scale { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0; padding: 0; list-style: none; } .legend svg { display: inline-block; width: .7rem; height: .7rem; margin-right: .35rem; }
details { margin-top: .35rem; } summary { cursor: pointer; padding-block: .15rem; }
.post { border-top: 1px solid var(--line); padding: .9rem 0; } .post:first-of-type { border-top: 0; padding-top: .25rem; } .post:last-child { padding-bottom: 0; }
.updates { margin: .5rem 0 0; padding: 0 0 0 .9rem; border-left: 2px solid var(--line); list-style: none; } .updates li + li { margin-top: .6rem; }
footer { color: var(--soft); font-size: .875rem; padding-bottom: 2rem; } footer ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; list-style: none; } footer li a { display: inline-block; padding-block: .2rem; }
form { display: grid; gap: .75rem; margin-top: .75rem; } label, legend { font-weight: 600; } fieldset { border: 1px solid var(--line); border-radius: 6px; margin: 0; padding: .5rem .75rem; }
label.choice { display: block; font-weight: 400; padding-block: .1rem; }
input[type=text], input[type=datetime-local], select, textarea { display: block; width: 100%; margin-top: .2rem; font: inherit; font-weight: 400; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: 6px; padding: .4rem .6rem; }
button { justify-self: start; font: inherit; font-weight: 600; color: var(--card); background: var(--link); border: 0; border-radius: 6px; padding: .45rem 1rem; cursor: pointer; } pre { overflow-x: auto; background: var(--wash-unknown); border-radius: 6px; padding: .6rem .8rem; } button.quiet { color: var(--down); background: var(--wash-down); }
@media (max-width: 40rem) { .wide { padding-inline: .8rem; } section { padding: .85rem .9rem; } svg.bars { height: 2rem; } .scale { font-size: .8rem; gap: 0 .5rem; } }
`;

const LIGHT = `--ground: #f6f7f9; --card: #fff; --ink: #17202b; --soft: #566272; --line: #dfe4ea; --link: #0b57c2;
  --up: #14743c; --degraded: #8a4b00; --down: #b3201b; --maintenance: #4a3fa8; --unknown: #566272;
  --wash-up: #e2f4e8; --wash-degraded: #ffe8d1; --wash-down: #fde7e6; --wash-maintenance: #e9e7fb; --wash-unknown: #eaedf1;
  --mark-up: #2a9d60; --mark-degraded: #d9741f; --mark-down: #d2332d; --mark-maintenance: #6a5fd0; --mark-unknown: #b9c2cc;`;
const DARK = `--ground: #10151b; --card: #181f27; --ink: #e8edf2; --soft: #9fabb8; --line: #2b343f; --link: #82b4ff;
  --up: #62d492; --degraded: #ffab6b; --down: #ff8d85; --maintenance: #b5adff; --unknown: #9fabb8;
  --wash-up: #12301f; --wash-degraded: #3d250f; --wash-down: #3d1917; --wash-maintenance: #25224a; --wash-unknown: #232c36;
  --mark-up: #2f9d60; --mark-degraded: #d97a2e; --mark-down: #e5534b; --mark-maintenance: #7d73e0; --mark-unknown: #4b5763;`;

/** A style sheet with the policy under which only it is applied. */
export interface Look {
  readonly style: string;
  /** Content-Security-Policy of pages that are only read. */
  readonly policy: string;
  /** The same of pages with a form. */
  readonly formPolicy: string;
}

/** The look of the pages with a colour of one's own (`#rrggbb`). */
export function lookOf(color: string = USUAL_COLOR): Look {
  const style = `:root { color-scheme: light dark; --brand: ${color}; --on-brand: ${readableOn(color)}; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }${RULES}`;
  const policy = (forms: string): string =>
    [
      "default-src 'none'",
      // Source: W3C Content Security Policy Level 3, 6.7.3 (hash sources).
      `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
      "img-src 'self'",
      "base-uri 'none'",
      `form-action ${forms}`,
      "frame-ancestors 'none'",
    ].join('; ');
  return { style, policy: policy("'none'"), formPolicy: policy("'self'") };
}

/** Black or white, whichever differs more: at least 4.58 to 1 on any colour. Source: WCAG 2.2, contrast ratio. */
export function readableOn(color: string): '#000' | '#fff' {
  const luminance = luminanceOf(color);
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? '#000' : '#fff';
}

/** Relative luminance, 0 to 1. Source: WCAG 2.2, relative luminance. */
export function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
