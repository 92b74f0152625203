import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ITEMS_PER_REQUEST } from './marks.ts';
import { makeTemplate, refresh, type Signal, type Template } from './workload.ts';

/** What was sent. */
export interface Sent {
  readonly items: number;
  /** Answers that asked to come back later. */
  readonly refused: number;
  /** How long each accepted request waited for its answer, in milliseconds, sorted. */
  readonly latenciesMs: readonly number[];
}

export interface SendOptions {
  readonly url: string;
  readonly signal: Signal;
  readonly senders: number;
  readonly seconds: number;
  /** Items a second in all; as fast as it goes without. */
  readonly rate?: number | undefined;
}

/** Requests that each sender takes in turn. */
const TEMPLATES_EACH = 4;

/** Sends from several connections at once, each one request after another. */
export async function send({ url, signal, senders, seconds, rate }: SendOptions): Promise<Sent> {
  const bodies = Array.from({ length: senders * TEMPLATES_EACH }, (_, seed) => makeTemplate(signal, seed));
  const endMs = performance.now() + seconds * 1_000;
  const latenciesMs: number[] = [];
  let refused = 0;
  const target = new URL(`/v1/${signal}`, url);
  const gapMs = rate === undefined ? 0 : (senders * ITEMS_PER_REQUEST * 1_000) / rate;
  const run = async (sender: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const templates = bodies.slice(sender * TEMPLATES_EACH, (sender + 1) * TEMPLATES_EACH);
    let dueMs = performance.now() + (gapMs * sender) / senders;
    for (let count = 0; ; count += 1) {
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      dueMs += gapMs;
      const startMs = performance.now();
      if (startMs > endMs) break;
      const body = refresh(templates[count % templates.length] as Template, BigInt(Date.now()) * 1_000_000n);
      const status = await post(agent, target, body);
      if (status === 200) latenciesMs.push(performance.now() - startMs);
      else if (status !== 429 && status !== 503) throw new Error(`the collector answered ${status}`);
      else {
        refused += 1;
        await sleep(200);
      }
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: senders }, (_, index) => run(index)));
  latenciesMs.sort((a, b) => a - b);
  return { items: latenciesMs.length * ITEMS_PER_REQUEST, refused, latenciesMs };
}

/** Posts one request. @returns the status */
export async function post(agent: Agent, target: URL, body: Buffer): Promise<number> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.byteLength };
  const outgoing = request(target, { method: 'POST', agent, headers });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}
