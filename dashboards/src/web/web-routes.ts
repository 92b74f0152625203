import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html } from '../html/html.ts';
import { type Asset, type Assets, INDEX } from './assets.ts';
import { CONTENT_SECURITY_POLICY, SECURITY_HEADERS } from './security-headers.ts';

/** A path that ends like a file; a monitor may be named `shop.example.com`, so only endings that we build count. */
const FILE = /^\/assets\/|^\/[\w-]+\.(?:js|css|svg|webmanifest|map|ico|txt)$/;

/** Serves the built application: its files by name, and its page for every other path that a browser opens. */
export function addWebRoutes(app: FastifyInstance, assets: Assets | undefined): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
    // The status page has its own.
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads || path.startsWith('/api/')) return sayNothingThere(request, reply);
    if (!assets) return sayNotBuilt(reply);
    const isFile = FILE.test(path);
    const asset = await assets.find(isFile ? path : INDEX, acceptsGzip(request));
    return asset ? sendAsset(reply, asset) : sayNothingThere(request, reply);
  });
}

function sendAsset(reply: FastifyReply, { body, contentType, encoding, isImmutable }: Asset): FastifyReply {
  if (encoding) reply.header('content-encoding', encoding);
  return reply
    .code(200)
    .headers({
      'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
    })
    .type(contentType)
    .send(body);
}

function acceptsGzip({ headers }: FastifyRequest): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:\s|,|$))/i.test(headers['accept-encoding']?.toString() ?? '');
}

function sayNothingThere(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const message = `There is nothing at ${request.method} ${request.url.slice(0, 200)}.`;
  return reply.code(404).header('cache-control', 'no-store').send({ status: 'refused', reason: 'not_found', message });
}

/** In words, for whoever runs the services one by one from a fresh clone. */
function sayNotBuilt(reply: FastifyReply): FastifyReply {
  const page = html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="color-scheme" content="light dark" />
      <title>Tocsin: the pages are not built</title>
      <h1>The console’s pages are not built</h1>
      <p>The service runs, and its API answers. Build the pages with</p>
      <pre>node deploy/bin/build-web.mjs</pre>
      <p>in the repository (npm start does it by itself), then start the dashboards service again.</p>
    </html> `;
  return reply.code(503).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page.toString());
}
