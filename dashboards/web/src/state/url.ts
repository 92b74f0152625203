import { signal } from '@preact/signals';

/** The path of the page, as `/monitor/shop`. */
export const path = signal('/');
/** The state of the page: time range, refresh, filters. Links that are shared carry it. */
export const query = signal(new URLSearchParams());

/** What stays when another page is opened, unless its link says otherwise. */
const KEPT = ['range', 'from', 'to', 'refresh'];

/** Follows the address bar, and takes links to pages of ours without loading anew. */
export function startUrl(): void {
  read();
  addEventListener('popstate', read);
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || !isPlainClick(event) || !isPage(link)) return;
    event.preventDefault();
    navigate(link.getAttribute('href') ?? '/');
  });
}

/** Opens a page of ours. @param href from the root, as `/trace/ab12?span=1` */
export function navigate(href: string, { replace = false } = {}): void {
  const url = new URL(withKept(href, query.value), location.origin);
  const isSame = url.pathname === location.pathname && url.search === location.search;
  if (replace || isSame) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  const isOtherPage = url.pathname !== path.value;
  read();
  if (isOtherPage) scrollTo(0, 0);
}

/** Changes parameters of this page's URL; `undefined` and empty text take one away. A list is written as the parameter repeated. */
export function setQuery(
  changes: Readonly<Record<string, string | readonly string[] | undefined>>,
  { replace = false } = {},
): void {
  const next = changeQuery(query.value, changes);
  navigate(`${path.value}${next.size > 0 ? `?${next}` : ''}`, { replace });
}

/** The parameters with changes. Pure. */
export function changeQuery(
  current: URLSearchParams,
  changes: Readonly<Record<string, string | readonly string[] | undefined>>,
): URLSearchParams {
  const next = new URLSearchParams(current);
  for (const [name, value] of Object.entries(changes)) {
    next.delete(name);
    for (const one of [value ?? []].flat()) if (one !== '') next.append(name, one);
  }
  return next;
}

/** A link with the time range and refresh of the page it stands on, where it says neither. Pure. */
export function withKept(href: string, current: URLSearchParams): string {
  const [rest = '', hash] = href.split('#', 2);
  const [place = '', search = ''] = rest.split('?', 2);
  const next = new URLSearchParams(search);
  const saysTime = ['range', 'from', 'to'].some((name) => next.has(name));
  for (const name of KEPT) {
    const value = current.get(name);
    if (value !== null && !next.has(name) && (name === 'refresh' || !saysTime)) next.set(name, value);
  }
  return `${place}${next.size > 0 ? `?${next}` : ''}${hash === undefined ? '' : `#${hash}`}`;
}

function read(): void {
  path.value = location.pathname;
  query.value = new URLSearchParams(location.search);
}

function isPlainClick(event: MouseEvent): boolean {
  return (
    !event.defaultPrevented && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
  );
}

function isPage(link: HTMLAnchorElement): boolean {
  const href = link.getAttribute('href') ?? '';
  return (
    href.startsWith('/') &&
    !href.startsWith('//') &&
    !href.startsWith('/api/') &&
    !link.hasAttribute('download') &&
    link.target === ''
  );
}
