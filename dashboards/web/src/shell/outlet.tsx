import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Empty } from '../parts/notices.tsx';
import { path } from '../state/url.ts';
import { matchPath } from './match-path.ts';
import { type PageEntry, type PageProps, PAGES } from './pages-table.ts';
import { useTitle } from './use-title.ts';

/** The page of the path. */
export function Outlet() {
  const found = findPage(path.value);
  const entry = found?.entry;
  const [loaded, setLoaded] = useState<{ readonly entry: PageEntry; readonly Page?: ComponentType<PageProps> }>();
  useTitle(entry?.title ?? 'Nothing here');
  useEffect(() => {
    if (!entry) return;
    entry.load().then(
      ({ Page }) => setLoaded({ entry, Page }),
      () => setLoaded({ entry }),
    );
  }, [entry]);
  if (!found)
    return (
      <Empty title="Nothing here">
        There is no page at <bdi>{path.value}</bdi>. <a href="/">Home</a>
      </Empty>
    );
  if (loaded?.entry !== entry) return <p class="loading">Loading …</p>;
  if (!loaded?.Page)
    return (
      <Empty title="This page could not be loaded">
        Tocsin may have been updated while it was open.{' '}
        <button type="button" onClick={() => location.reload()}>
          Load anew
        </button>
      </Empty>
    );
  return <loaded.Page key={path.value} params={found.params} />;
}

function findPage(current: string): { readonly entry: PageEntry; readonly params: PageProps['params'] } | undefined {
  for (const entry of PAGES) {
    const params = matchPath(entry.path, current);
    if (params) return { entry, params };
  }
  return undefined;
}
