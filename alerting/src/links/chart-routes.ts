import type { HttpServer } from '@tocsin/service/http';
import { CHART_PATH, type ChartFiles } from './chart-files.ts';

interface Params {
  readonly Params: { readonly token: string };
}

/** Serves pictures to whoever has their address: it is signed, and ends. */
export function addChartRoutes(app: HttpServer['app'], files: Pick<ChartFiles, 'find'>, now: () => number): void {
  app.get<Params>(`${CHART_PATH}/:token`, (request, reply) => {
    const found = files.find(request.params.token.replace(/\.png$/, ''), now());
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
      'referrer-policy': 'no-referrer',
    });
    if ('refused' in found)
      return reply.code(found.refused).type('text/plain; charset=utf-8').send('There is no such picture.\n');
    return reply.type('image/png').header('cache-control', 'private, max-age=86400').send(Buffer.from(found.png));
  });
}
