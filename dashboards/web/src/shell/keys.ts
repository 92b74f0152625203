import { signal } from '@preact/signals';
import { refresh } from '../state/clock.ts';
import { navigate } from '../state/url.ts';
import { NAVIGATION } from './pages-table.ts';

/** Whether the list of keys is shown. */
export const isHelpOpen = signal(false);

/** After `g` the next key counts for this time, in ms. */
const CHORD_MS = 1_500;
/** The field that `/` goes to carries this attribute; a page has one at most. */
export const SEARCH_FIELD = 'data-search';

/** Listens to the keyboard, where nobody types. */
export function listenToKeys(): void {
  let chordUntilMs = 0;
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isHelpOpen.value) isHelpOpen.value = false;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const inChord = event.timeStamp < chordUntilMs;
    chordUntilMs = event.key === 'g' && !inChord ? event.timeStamp + CHORD_MS : 0;
    const act = inChord ? NAVIGATION.find(({ key }) => key === event.key) : undefined;
    if (act) navigate(act.href);
    else if (event.key === '?') isHelpOpen.value = !isHelpOpen.value;
    else if (event.key === 'r') refresh();
    else if (event.key === '/') document.querySelector<HTMLElement>(`[${SEARCH_FIELD}]`)?.focus();
    else return;
    event.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
