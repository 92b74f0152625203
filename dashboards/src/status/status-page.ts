import { createClickHouse } from '@tocsin/service/clickhouse';
import type { TocsinConfig } from '@tocsin/service/config';
import type { ServiceContext } from '@tocsin/service/run';
import { stopInOrder } from '@tocsin/service/stop';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access/access.ts';
import type { AlertingClient } from '../alerts/alerting-client.ts';
import { available } from '../part.ts';
import { runQuery } from '../queries/run-query.ts';
import { statusRows } from '../queries/status-rows.ts';
import { answerStatus, type Documents, type StatusAnswer, type StatusRequest } from './answer.ts';
import { addConsoleRoutes } from './console-routes.ts';
import { listDocuments } from './documents.ts';
import { type Logo, readLogo } from './logo.ts';
import type { Site } from './pages/layout.ts';
import { lookOf } from './pages/style.ts';
import { createClock } from './pages/words.ts';
import { createPostsClient } from './posts-client.ts';
import { createPublicServer, type PublicServer } from './public-server.ts';
import { createStatusSource, FRESH_MS, type Snapshot } from './source.ts';
import { viewStatus } from './view.ts';

/** Where the console has the page. */
const CONSOLE_BASE = '/status';
/** Nobody waits for the one query so long, ms: readers get what was read before. */
const QUERY_LIMIT_MS = 20_000;

/** What the page is made with. */
export interface StatusPageOptions {
  readonly context: Pick<ServiceContext, 'config' | 'log' | 'onReload'>;
  readonly alerting: Pick<AlertingClient, 'ask'>;
  /** Says who writes on the console. */
  readonly access: Pick<Access, 'identify'>;
  /** Unix ms. */
  readonly now: () => number;
}

/** The status page, on the console and on its own port. */
export interface StatusPage {
  /** Adds `/status` to the console. */
  addTo(app: FastifyInstance): void;
  /** Opens the public port where monitors are chosen. @returns its URL by its setting */
  listen(): Promise<Readonly<Record<string, string>>>;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Makes the status page: one source of data for both places. */
export async function createStatusPage({ context, alerting, access, now }: StatusPageOptions): Promise<StatusPage> {
  const { log, onReload } = context;
  let config: TocsinConfig = context.config;
  let logo = await readLogo(config.statusPage.logoFile, log);
  const clickhouse = createClickHouse(config, {
    application: 'dashboards',
    readonly: true,
    requestTimeoutMs: QUERY_LIMIT_MS,
    log,
  });
  const posts = createPostsClient(alerting);
  const source = createStatusSource(
    {
      rows: async (nowMs) => {
        const monitors = chosenMonitors(config);
        return monitors.length === 0 ? available([]) : runQuery(clickhouse, statusRows, { monitors, now_ms: nowMs });
      },
      posts: () => posts.list(),
    },
    log,
  );
  const shelves = {
    public: createShelf(() => ({ config, logo, base: '' })),
    console: createShelf(() => ({ config, logo, base: CONSOLE_BASE })),
  };
  const answerFrom = async (shelf: Shelf, request: StatusRequest, base: string): Promise<StatusAnswer> => {
    const nowMs = now();
    return answerStatus(request, shelf(await source.read(nowMs), nowMs), base);
  };

  let server: PublicServer | undefined;
  const open = async (): Promise<string> => {
    server = createPublicServer({
      address: config.statusPage.listen,
      hosts: () => hostsOf(config),
      answer: (request) => answerFrom(shelves.public, request, publicBase(config)),
      log,
    });
    return server.listen();
  };
  const apply = async (next: TocsinConfig): Promise<void> => {
    logo = await readLogo(next.statusPage.logoFile, log);
    config = next;
    source.forget();
    if (!server && config.statusPage.groups.length > 0)
      log.info({ listening: await open() }, 'the status page listens');
  };
  let applied: Promise<void> = Promise.resolve();
  onReload((next) => {
    // One after the other: the last one stays.
    applied = applied
      .then(() => apply(next))
      .catch((error: unknown) => log.error({ err: error }, 'the status page could not take its new settings'));
  });

  let stopping: Promise<void> | undefined;
  return {
    addTo: (app) =>
      addConsoleRoutes(app, {
        base: CONSOLE_BASE,
        answer: (request) => answerFrom(shelves.console, request, CONSOLE_BASE),
        site: () => siteOf({ config, logo, base: CONSOLE_BASE }),
        identify: (request) => access.identify(request),
        posts,
        onWritten: () => source.reloadPosts(now()),
        now,
      }),
    listen: async () => (config.statusPage.groups.length > 0 ? { 'status_page.listen': await open() } : {}),
    stop: () => (stopping ??= stopInOrder([async () => server?.stop(), () => clickhouse.close()])),
  };
}

/** What documents are made of beside the data. */
interface Making {
  readonly config: TocsinConfig;
  readonly logo: Logo | undefined;
  readonly base: string;
}

type Shelf = (snapshot: Snapshot, nowMs: number) => Documents;

/** Keeps the documents of a snapshot for those who ask next; they are made anew when they would tell a wrong age. */
function createShelf(making: () => Making): Shelf {
  let kept: { snapshot: Snapshot; config: TocsinConfig; atMs: number; documents: Documents } | undefined;
  return (snapshot, nowMs) => {
    const made = making();
    const isNew = kept?.snapshot === snapshot && kept.config === made.config && Math.abs(nowMs - kept.atMs) < FRESH_MS;
    if (kept && isNew) return kept.documents;
    const view = viewStatus({ ...snapshot, config: made.config }, nowMs);
    kept = { snapshot, config: made.config, atMs: nowMs, documents: listDocuments(view, siteOf(made), made.logo) };
    return kept.documents;
  };
}

function siteOf({ config: { statusPage: page }, logo, base }: Making): Site {
  const [look, clock] = [lookOf(page.color), createClock(page.timeZone)];
  // Paths of the public begin with the path of its URL, which a proxy may take off.
  const prefix = base === '' ? pathOf(page.url) : base;
  return { base: prefix, page, look, clock, hasLogo: logo !== undefined, isPublic: base === '', mayWrite: base !== '' };
}

function chosenMonitors({ statusPage }: TocsinConfig): readonly string[] {
  return statusPage.groups.flatMap(({ monitors }) => monitors.map(({ monitor }) => monitor));
}

function publicBase({ statusPage }: TocsinConfig): string {
  return pathOf(statusPage.url);
}

function pathOf(url: string | undefined): string {
  return url === undefined ? '' : decodeURIComponent(new URL(url).pathname).replace(/\/$/, '');
}

function hostsOf({ statusPage: { hosts, url } }: TocsinConfig): readonly string[] {
  return url === undefined ? hosts : [...hosts, new URL(url).hostname];
}
