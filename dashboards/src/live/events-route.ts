import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from '../api/framework/endpoint.ts';
import { refuse } from '../api/framework/endpoint.ts';
import { send } from '../api/framework/add-endpoints.ts';
import type { LiveFeed } from './live-feed.ts';

/** A listener with this much unread is cut off, in bytes. */
const UNREAD_LIMIT_BYTES = 4 * 2 ** 20;

/** `GET /api/v1/events`: a stream of server-sent events (HTML Living Standard, "Server-sent events"). */
export function addEventsRoute(
  app: FastifyInstance,
  feed: LiveFeed,
  identify: (request: FastifyRequest) => Caller | undefined,
): void {
  app.get('/api/v1/events', (request, reply) => {
    if (!identify(request)) return send(reply, refuse('unauthenticated', 'Sign in first.'));
    const { raw } = reply;
    const listener = {
      write: (text: string) => {
        // Whose session has ended meanwhile hears no more.
        if (!identify(request)) return false;
        raw.write(text);
        return raw.writableLength < UNREAD_LIMIT_BYTES;
      },
      end: () => void raw.destroy(),
    };
    if (feed.isFull()) {
      reply.header('retry-after', '10');
      return send(reply, refuse('too_many', 'Too many pages listen already. This one asks again by itself.'));
    }
    reply.hijack();
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // nginx would hold events back.
      'x-accel-buffering': 'no',
    });
    const leave = feed.listen(listener);
    raw.on('close', () => leave());
    return undefined;
  });
}
