import { type MessagePort, parentPort } from 'node:worker_threads';
import { encodeJsonRequest } from './encode-request.ts';
import type { EncodeJob, EncodeResult } from './json-encoder.ts';

/** Answers each job in its turn. The bytes are handed over, not copied. */
function serve(port: MessagePort): void {
  port.on('message', ({ signal, body }: EncodeJob) => {
    const encoding = encodeJsonRequest(signal, body);
    if (encoding.status !== 'ok') return port.postMessage(encoding satisfies EncodeResult);
    const encoded = new Uint8Array(encoding.body);
    port.postMessage({ status: 'ok', body: encoded } satisfies EncodeResult, [encoded.buffer]);
  });
}

if (parentPort) serve(parentPort);
