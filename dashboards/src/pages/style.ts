import { createHash } from 'node:crypto';

/** The one style sheet of all pages; it stands inside each page, so a page is one request. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --ink: #17202b; --soft: #566272; --line: #dfe4ea; --link: #0b57c2;
  --up: #14743c; --down: #b3201b; --unknown: #7d5300; --degraded: #8a4b00; --off: #566272;
  --up-wash: #e2f4e8; --down-wash: #fde7e6; --unknown-wash: #fff1d2; --degraded-wash: #ffe8d1; --off-wash: #eaedf1;
  --tick-up: #2fa865; --tick-down: #dc3a33; --tick-unknown: #e0a52c; --tick-degraded: #e07f2c; --bar: #4a83d8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10151b; --card: #181f27; --ink: #e8edf2; --soft: #9fabb8; --line: #2b343f; --link: #82b4ff;
    --up: #62d492; --down: #ff8d85; --unknown: #f2c05c; --degraded: #ffab6b; --off: #9fabb8;
    --up-wash: #12301f; --down-wash: #3d1917; --unknown-wash: #382a0c; --degraded-wash: #3d250f; --off-wash: #232c36;
    --tick-up: #2f9d60; --tick-down: #e5534b; --tick-unknown: #c8922a; --tick-degraded: #d0752a; --bar: #5b93e6;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; padding-top: 1rem; padding-bottom: .75rem; }
header .brand { display: flex; align-items: center; gap: .5rem; font-weight: 700; font-size: 1.15rem; color: inherit; text-decoration: none; }
header .brand svg { width: 1.5rem; height: 1.5rem; fill: var(--tick-unknown); }
header nav { display: flex; flex-wrap: wrap; gap: 0 1rem; margin-left: auto; }
header nav a, footer { padding-block: .25rem; }
footer { color: var(--soft); font-size: .85rem; padding-bottom: 2rem; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
h1 { font-size: 1.35rem; margin: 0; line-height: 1.3; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 0 0 1rem; padding: 1rem 1.25rem; }
section > h2 + * { margin-top: .6rem; }
p { margin: .35rem 0; max-width: 75ch; }
bdi { unicode-bidi: isolate; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: .87rem; }
.banner { border-left: 6px solid var(--off); }
.banner.up { border-left-color: var(--tick-up); } .banner.down { border-left-color: var(--tick-down); }
.banner.unknown { border-left-color: var(--tick-unknown); } .banner.degraded { border-left-color: var(--tick-degraded); }
.notice { background: var(--unknown-wash); color: var(--unknown); border-radius: 6px; padding: .5rem .75rem; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: 600; font-size: .8rem; color: var(--soft); padding: .3rem .75rem .3rem 0; white-space: nowrap; }
td { border-top: 1px solid var(--line); padding: .5rem .75rem .5rem 0; vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.name { font-weight: 600; }
.state { display: inline-block; border-radius: 5px; padding: .05rem .55rem; font-weight: 600; font-size: .85rem; white-space: nowrap; background: var(--off-wash); color: var(--off); }
.state.up { background: var(--up-wash); color: var(--up); } .state.down { background: var(--down-wash); color: var(--down); }
.state.unknown { background: var(--unknown-wash); color: var(--unknown); } .state.degraded { background: var(--degraded-wash); color: var(--degraded); }
.bad { color: var(--down); font-weight: 600; }
.labels { display: flex; flex-wrap: wrap; gap: .25rem .4rem; margin: .25rem 0 0; padding: 0; list-style: none; }
.labels li { background: var(--off-wash); border-radius: 4px; padding: 0 .4rem; font-size: .8rem; overflow-wrap: anywhere; }
ul.alerts { list-style: none; margin-bottom: 0; padding: 0; }
.alerts > li { border-top: 1px solid var(--line); padding: .6rem 0; }
.alerts > li:first-child { border-top: 0; padding-top: 0; } .alerts > li:last-child { padding-bottom: 0; }
pre { background: var(--off-wash); border-radius: 6px; padding: .75rem; overflow-x: auto; margin: .5rem 0; user-select: all; }
pre, code { font: .87rem/1.5 ui-monospace, monospace; }
svg.runs { width: 9rem; height: 1.5rem; display: block; } svg.runs text { fill: var(--soft); font: 8px system-ui; }
svg .up { fill: var(--tick-up); } svg .down { fill: var(--tick-down); } svg .unknown { fill: var(--tick-unknown); } svg .degraded { fill: var(--tick-degraded); } svg .off { fill: var(--line); }
svg.span { width: 100%; min-width: 8rem; height: 1rem; display: block; } svg.span rect { fill: var(--bar); } svg.span rect.down { fill: var(--tick-down); }
svg.span line { stroke: var(--line); }
.waterfall { table-layout: fixed; font-size: .87rem; } .waterfall th:first-child { width: 44%; } .waterfall th.number { width: 6.5rem; }
.waterfall details > summary { cursor: pointer; overflow-wrap: anywhere; } .waterfall dl { margin: .4rem 0 .2rem; }
.depth { color: var(--soft); font-family: ui-monospace, monospace; white-space: pre; }
dl { display: grid; grid-template-columns: fit-content(45%) 1fr; gap: .1rem .8rem; } dt { color: var(--soft); overflow-wrap: anywhere; } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 46rem) {
  header, main, footer { padding-inline: .75rem; } section { padding: .85rem .9rem; }
  header nav { margin-left: 0; width: 100%; }
  table.cards, .cards tbody, .cards tr, .cards td { display: block; } .cards thead { display: none; }
  .cards tr { border-top: 1px solid var(--line); padding: .6rem 0; } .cards tr:first-child { border-top: 0; padding-top: 0; }
  .cards td { border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
  .cards td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); font-size: .85rem; }
  .cards td.empty { display: none; }
  .facts td[data-label] { display: inline-block; margin-right: .9rem; }
  .waterfall th.number, .waterfall td.number { display: none; } .waterfall th:first-child { width: 62%; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .25rem; }
}
`;

/**
 * The pages' Content-Security-Policy: this style sheet, our own icon, nothing else. No script runs, whatever telemetry says.
 * Source: W3C Content Security Policy Level 3, 6.7.3 (hash sources).
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The icon: a bell. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#d9982b"><path d="M12 2a2 2 0 0 0-2 2v.6A6.5 6.5 0 0 0 5.5 11v4L3.6 17.6A1 1 0 0 0 4.4 19.200h15.200a1 1 0 0 0 .8-1.600L18.500 15v-4A6.500 6.500 0 0 0 14 4.600V4a2 2 0 0 0-2-2zM9.500 20.500a2.600 2.600 0 0 0 5 0z"/></svg>`;
