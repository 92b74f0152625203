import type { FastifyRequest } from 'fastify';
import type { Caller } from '../api/framework/endpoint.ts';

/** Says who asks. */
export interface Access {
  /** @returns `undefined` where somebody has to sign in and has not */
  identify(request: FastifyRequest): Caller | undefined;
}

/** Who acts where nobody has to say who he is. */
const ANYONE: Caller = { name: 'console', role: 'admin' };

/** Everybody may do everything: for loopback, where whoever can ask can also read the files. */
export function openAccess(): Access {
  return { identify: () => ANYONE };
}
