import { formatShare } from '../html/format.ts';
import { html, shorten } from '../html/html.ts';
import { STATE_WORDS } from './pages/words.ts';
import type { PublicState } from './view.ts';

/** On all of them white is read at 4.5 to 1 at least (WCAG 2.2, 1.4.3). */
export const BADGE_COLORS: Readonly<Record<PublicState, string>> = {
  up: '#1a7f43',
  degraded: '#a35200',
  down: '#c0281f',
  maintenance: '#5a4fc4',
  unknown: '#5d6773',
};
const LABEL_COLOR = '#3b434d';
const HEIGHT = 20;
const LONGEST = 60;

/** A picture that says what state something is in. */
export function renderStateBadge(label: string, state: PublicState): string {
  return renderBadge(label, STATE_WORDS[state].toLowerCase(), BADGE_COLORS[state]);
}

/** A picture with the uptime of 90 days. */
export function renderUptimeBadge(label: string, uptime: number | undefined): string {
  const state = uptime === undefined ? 'unknown' : uptime >= 0.999 ? 'up' : uptime >= 0.98 ? 'degraded' : 'down';
  const words = uptime === undefined ? 'not known' : formatShare(uptime);
  return renderBadge(`${shorten(label, LONGEST - 15)} uptime 90 d`, words, BADGE_COLORS[state]);
}

function renderBadge(givenLabel: string, words: string, color: string): string {
  const label = shorten(givenLabel, LONGEST);
  const [left, right] = [widthOf(label) + 12, widthOf(words) + 12];
  const middle = (from: number, width: number): number => from + width / 2;
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    width="${left + right}"
    height="${HEIGHT}"
    role="img"
    aria-label="${label}: ${words}"
  >
    <title>${label}: ${words}</title>
    <rect width="${left + right}" height="${HEIGHT}" rx="3" fill="${LABEL_COLOR}" />
    <path d="M${left} 0h${right - 3}a3 3 0 0 1 3 3v${HEIGHT - 6}a3 3 0 0 1-3 3H${left}z" fill="${color}" />
    <g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" text-anchor="middle">
      <text x="${middle(0, left)}" y="14" textLength="${left - 12}" lengthAdjust="spacingAndGlyphs">${label}</text>
      <text x="${middle(left, right)}" y="14" textLength="${right - 12}" lengthAdjust="spacingAndGlyphs">${words}</text>
    </g>
  </svg> `.toString();
}

/** About what Verdana of 11 pixels takes; `textLength` makes the text as long as is said here. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return Math.ceil(width);
}

function widthOfCharacter(character: string): number {
  if (/[ilI.,:;|'!]/.test(character)) return 4;
  if (/[mwMW%@]/.test(character)) return 10.5;
  if (/[\u1100-\u{fffff}]/u.test(character)) return 12;
  return /[A-Z0-9]/.test(character) ? 7.5 : 6.5;
}
