import { metrics } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { CHANGE_HEADER, send } from '../api/framework/add-endpoints.ts';
import { refuse } from '../api/framework/endpoint.ts';
import { readInput, text } from '../api/framework/read-input.ts';
import { available } from '../part.ts';
import type { Access } from './access.ts';

const signIns = metrics.getMeter('tocsin.dashboards').createCounter('tocsin.dashboards.sign_ins', {
  description: 'Attempts to sign in to the console, by outcome.',
  unit: '{attempt}',
});

const LONGEST_PASSWORD = 1_000;
const BODY_LIMIT_BYTES = 16_384;
const READERS = { name: text(200), password: text(LONGEST_PASSWORD) };

/** `/api/v1/session`: who is signed in, signing in, signing out. The only endpoints that somebody unknown may ask. */
export function addSessionRoutes(app: FastifyInstance, access: Access): void {
  app.get('/api/v1/session', (request, reply) => send(reply, available(access.view(request))));
  app.post('/api/v1/session', { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    if (request.headers[CHANGE_HEADER] === undefined) return send(reply, NO_HEADER);
    const read = readInput(READERS, (request.body ?? {}) as Record<string, unknown>);
    if (read.status !== 'ok')
      return send(reply, refuse('bad_request', 'A name and a password are wanted.', read.errors));
    const given = await access.signIn(read.input.name, read.input.password, request.ip);
    signIns.add(1, { outcome: given.status === 'ok' ? 'ok' : given.reason });
    if (given.status !== 'ok') return send(reply, given);
    reply.header('set-cookie', given.cookie);
    return send(reply, available(given.view));
  });
  app.delete('/api/v1/session', (request, reply) => {
    if (request.headers[CHANGE_HEADER] === undefined) return send(reply, NO_HEADER);
    reply.header('set-cookie', access.signOut(request));
    return send(reply, available({ ...access.view(request), user: undefined }));
  });
}

const NO_HEADER = refuse('forbidden', `A request that changes something carries the header ${CHANGE_HEADER}.`);
