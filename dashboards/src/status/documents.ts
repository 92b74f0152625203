import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { renderStateBadge, renderUptimeBadge } from './badge.ts';
import { renderFeed } from './feed.ts';
import { renderJson } from './json.ts';
import type { Logo } from './logo.ts';
import { renderAnnouncementPage } from './pages/announcement.ts';
import type { Site } from './pages/layout.ts';
import { renderStatus } from './pages/page.ts';
import { readableOn, USUAL_COLOR } from './pages/style.ts';
import { isOld, summarize } from './pages/words.ts';
import type { StatusView } from './view.ts';

/** How a body may be sent. */
export type Coding = 'br' | 'gzip' | 'identity';

/** What stands at a path: made once for all who ask. */
export interface StatusDocument {
  readonly type: string;
  /** Without its coding: `"…"`. */
  readonly etag: string;
  /** Who may use it: pictures, feed and JSON are for other sites too. */
  readonly isForAll: boolean;
  readonly maxAgeS: number;
  /** The policy under which a browser shows it. */
  readonly policy: string;
  /** The body in a coding; compressed at most once. */
  body(coding: Coding): Promise<Buffer>;
}

/** Readers, and caches before us, keep a page so long: as long as we do. */
export const FRESH_S = 10;
const PICTURE_S = 3_600;
/** Below this compression gains nothing. */
const SHORTEST_BYTES = 512;
/** A page at this quality is within 3 % of the smallest and takes a tenth of the time. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
/** Pictures of others may hold scripts: as a document of their own they may do nothing. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

/**
 * Every document of a view by its path below the site: these paths are all that there is. They are made when somebody asks for the first time.
 */
export function listDocuments(
  view: StatusView,
  site: Site,
  logo: Logo | undefined,
): ReadonlyMap<string, () => StatusDocument> {
  const { page, look } = site;
  const documents = new Map<string, () => StatusDocument>();
  const add = (path: string, make: () => StatusDocument): void => {
    let made: StatusDocument | undefined;
    documents.set(path, () => (made ??= make()));
  };
  const html = (path: string, render: () => string): void =>
    add(path, () => makeDocument(render(), { type: 'text/html; charset=utf-8', policy: look.policy, isForAll: false }));
  const data = (path: string, type: string, render: () => string): void =>
    add(path, () => makeDocument(render(), { type, policy: PICTURE_POLICY, isForAll: true }));
  const svg = (path: string, render: () => string): void => data(path, 'image/svg+xml', render);

  html('/', () => renderStatus(view, site));
  data('/status.json', 'application/json; charset=utf-8', () => renderJson(view, page.name));
  data('/feed.atom', 'application/atom+xml; charset=utf-8', () => renderFeed(view, site));
  svg('/badge.svg', () => renderStateBadge(page.name, summarize(view).state));
  for (const { monitors } of view.groups)
    for (const { name, slug, state, uptime90d } of monitors) {
      svg(`/badges/${slug}/state.svg`, () => renderStateBadge(name, isOld(view) ? 'unknown' : state));
      svg(`/badges/${slug}/uptime.svg`, () => renderUptimeBadge(name, uptime90d));
    }
  for (const one of [...view.open, ...view.upcoming, ...view.past])
    html(`/posts/${one.id}`, () => renderAnnouncementPage(one, site));
  const picture = { policy: PICTURE_POLICY, isForAll: true, maxAgeS: PICTURE_S };
  add('/icon.svg', () => makeDocument(renderIcon(site), { type: 'image/svg+xml', ...picture }));
  if (logo) add('/logo', () => makeDocument(logo.content, { type: logo.type, ...picture }));
  return documents;
}

interface Kind {
  readonly type: string;
  readonly policy: string;
  readonly isForAll: boolean;
  readonly maxAgeS?: number;
}

/** A document with its bodies. Pictures of points are compressed already. */
export function makeDocument(content: string | Buffer, { maxAgeS = FRESH_S, ...kind }: Kind): StatusDocument {
  const plain = typeof content === 'string' ? Buffer.from(content) : content;
  const isCompressible = plain.byteLength >= SHORTEST_BYTES && !/^image\/(?!svg)/.test(kind.type);
  const bodies = new Map<Coding, Promise<Buffer>>([['identity', Promise.resolve(plain)]]);
  const make = (coding: Coding): Promise<Buffer> =>
    coding === 'br' ? compressBrotli(plain, BROTLI) : compressGzip(plain);
  return {
    ...kind,
    maxAgeS,
    etag: `"${hash('sha256', plain, 'base64url').slice(0, 22)}"`,
    body(coding) {
      const wanted = isCompressible ? coding : 'identity';
      const body = bodies.get(wanted) ?? make(wanted);
      bodies.set(wanted, body);
      return body;
    },
  };
}

function renderIcon({ page }: Site): string {
  const color = page.color ?? USUAL_COLOR;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="11" fill="${color}"/><path d="M6 12.5h3l2-5 3 9 2-4h2" fill="none" stroke="${readableOn(color)}" stroke-width="2" stroke-linejoin="round"/></svg>`;
}
