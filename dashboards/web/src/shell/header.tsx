import { mayAsk } from '../state/session.ts';
import { path } from '../state/url.ts';
import { NAVIGATION } from './pages-table.ts';
import { Settings } from './settings.tsx';
import { TimeControls } from './time-controls.tsx';

/** Where one can go, which time is looked at, and how. */
export function Header() {
  return (
    <header class="top">
      <a class="brand" href="/">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 2a2 2 0 0 0-2 2v.6A6.5 6.5 0 0 0 5.5 11v4L3.6 17.6A1 1 0 0 0 4.4 19.2h15.2a1 1 0 0 0 .8-1.6L18.5 15v-4A6.5 6.5 0 0 0 14 4.6V4a2 2 0 0 0-2-2zM9.5 20.5a2.6 2.6 0 0 0 5 0z" />
        </svg>
        Tocsin
      </a>
      <nav aria-label="Pages">
        {(mayAsk.value ? NAVIGATION : []).map(({ href, text, paths }) => (
          <a key={href} href={href} {...(isWithin(href, paths) && { 'aria-current': 'page' as const })}>
            {text}
          </a>
        ))}
      </nav>
      {mayAsk.value && <TimeControls />}
      <Settings />
    </header>
  );
}

function isWithin(href: string, paths: readonly string[]): boolean {
  const current = path.value;
  const own = href === '/' ? current === '/' : current === href || current.startsWith(`${href}/`);
  return own || paths.some((one) => current.startsWith(one));
}
