import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { html } from '../html/html.ts';
import { renderRunbook } from './render-runbook.ts';

/** Where the runbooks of the shipped rules are. */
const FOLDER = fileURLToPath(new URL('../../../docs/runbooks/', import.meta.url));

/**
 * Serves the runbooks, to which `runbook_url` of the shipped rules leads. Nobody has to sign in for them: they say nothing of this installation, and who
 * was just woken shall not look for a password.
 */
export function addRunbookRoutes(app: FastifyInstance, folder = FOLDER): void {
  for (const url of ['/runbooks/', '/runbooks/:name'])
    app.get<{ Params: { name?: string } }>(url, async (request, reply) => {
      const name = request.params.name ?? 'README';
      const text = /^\w{1,100}$/.test(name) ? await readRunbook(folder, name) : undefined;
      if (text === undefined)
        return reply.code(404).header('cache-control', 'no-store').send({
          status: 'refused',
          reason: 'not_found',
          message: 'There is no such runbook. All are at /runbooks/.',
        });
      const page = html`<!doctype html>
        <html lang="en">
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <meta name="color-scheme" content="light dark" />
          <title>${name === 'README' ? 'Runbooks' : name} – Tocsin</title>
          <p><a href="/">Console</a> · <a href="/runbooks/">All runbooks</a></p>
          ${renderRunbook(text)}
        </html> `;
      return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page.toString());
    });
}

async function readRunbook(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(`${folder}${name}.md`, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
