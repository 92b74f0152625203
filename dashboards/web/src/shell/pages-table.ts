import type { ComponentType } from 'preact';

/** What a page is given: the parameters of its path, decoded. */
export interface PageProps {
  readonly params: Readonly<Record<string, string>>;
}

/** A page of the application. */
export interface PageEntry {
  /** As `/monitor/:name`; a parameter is one segment. */
  readonly path: string;
  /** For the window's title, until the page says its own (`useTitle`). */
  readonly title: string;
  readonly load: () => Promise<{ readonly Page: ComponentType<PageProps> }>;
}

/** Every page; each is a chunk of its own. */
export const PAGES: readonly PageEntry[] = [
  { path: '/', title: 'Home', load: () => import('../pages/home/page.tsx') },
  { path: '/monitor/:name', title: 'Monitor', load: () => import('../pages/monitor/page.tsx') },
  { path: '/alerts', title: 'Alerts', load: () => import('../pages/alerts/page.tsx') },
  { path: '/incident/:id', title: 'Incident', load: () => import('../pages/incident/page.tsx') },
  { path: '/rule/:group/:name', title: 'Rule', load: () => import('../pages/rule/page.tsx') },
  { path: '/oncall', title: 'On call', load: () => import('../pages/oncall/page.tsx') },
  { path: '/logs', title: 'Logs', load: () => import('../pages/logs/page.tsx') },
  { path: '/metrics', title: 'Metrics', load: () => import('../pages/metrics/page.tsx') },
  { path: '/traces', title: 'Traces', load: () => import('../pages/traces/page.tsx') },
  { path: '/services', title: 'Services', load: () => import('../pages/services/page.tsx') },
  { path: '/service/:name', title: 'Service', load: () => import('../pages/service/page.tsx') },
  { path: '/trace/:id', title: 'Trace', load: () => import('../pages/trace/page.tsx') },
];

/** What the navigation shows; `key` after `g` opens it, and `paths` are the other pages that belong to it. */
export const NAVIGATION: readonly {
  readonly href: string;
  readonly text: string;
  readonly key: string;
  readonly paths: readonly string[];
}[] = [
  { href: '/', text: 'Home', key: 'h', paths: ['/monitor/'] },
  { href: '/alerts', text: 'Alerts', key: 'a', paths: ['/incident/', '/rule/'] },
  { href: '/oncall', text: 'On call', key: 'o', paths: [] },
  { href: '/metrics', text: 'Metrics', key: 'm', paths: [] },
  { href: '/logs', text: 'Logs', key: 'l', paths: [] },
  { href: '/services', text: 'Services', key: 's', paths: ['/service/'] },
  { href: '/traces', text: 'Traces', key: 't', paths: ['/trace/'] },
];
