import { type MessagePort, parentPort } from 'node:worker_threads';
import { finishRequest, prepareRequest } from './prepare.ts';
import type { PrepareJob, PrepareResult } from './preparer.ts';

/** Answers each job in its turn. The bytes are handed over, not copied. */
function serve(port: MessagePort): void {
  port.on('message', ({ raw, scan }: PrepareJob) => {
    const prepared = scan ? finishRequest(raw, scan) : prepareRequest(raw);
    if (prepared.status !== 'ok') return port.postMessage(prepared satisfies PrepareResult);
    const { body, ...rest } = prepared;
    if (body === raw.body) return port.postMessage(rest satisfies PrepareResult);
    // Made in a larger buffer, which would stay in memory with it.
    const own = new Uint8Array(body);
    port.postMessage({ ...rest, body: own } satisfies PrepareResult, [own.buffer]);
  });
}

if (parentPort) serve(parentPort);
