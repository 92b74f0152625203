import { query } from '../state/url.ts';

/** Views of one page; which is open is in the URL as `view`, the first where nothing is said. */
export function Tabs<View extends string>({
  label,
  tabs,
}: {
  readonly label: string;
  readonly tabs: readonly { readonly view: View; readonly text: string; readonly count?: number | undefined }[];
}) {
  const open = openView(tabs.map(({ view }) => view));
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ view, text, count }) => (
        <a key={view} href={`?view=${view}`} aria-current={view === open ? 'page' : undefined}>
          {text}
          {count !== undefined && <span class="soft"> {count}</span>}
        </a>
      ))}
    </nav>
  );
}

/** The view that the URL names, or the first. */
export function openView<View extends string>(views: readonly View[]): View {
  const named = query.value.get('view');
  return views.find((view) => view === named) ?? (views[0] as View);
}
