import { setFlagsFromString } from 'node:v8';

/**
 * For processes through which many large buffers pass. V8 by itself marks the whole heap anew for every 64 MiB or so of buffers that were
 * made, however soon they were dropped: at full load that was almost half of the collector's CPU time. So buffers count as part
 * of the heap's limit instead, which may double between two collections. Measured: collector/bench/RESULTS.md. To be called first.
 */
export function collectLessForBuffers(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--external-memory-max-growing-factor=2');
}
