/** Sends numbered spans, one request after the other, so that what was acknowledged is always the numbers from 1 to `acknowledged`. */
export interface Sender {
  readonly name: string;
  /** The last number whose request was answered 200. */
  readonly acknowledged: number;
  /** Sends what is under way and ends. */
  stop(): Promise<void>;
}

const SPANS_PER_REQUEST = 5;
const PAUSE_MS = 10;

/** Begins to send to a collector. A request that fails is sent again until it is taken. @param url of `collector.http`, read anew for each request */
export function startSender(name: string, url: () => string, from = 1): Sender {
  let acknowledged = from - 1;
  let isStopped = false;
  const send = async (): Promise<void> => {
    while (!isStopped) {
      const numbers = Array.from({ length: SPANS_PER_REQUEST }, (_, index) => acknowledged + 1 + index);
      if (await post(`${url()}/v1/traces`, name, numbers)) acknowledged += SPANS_PER_REQUEST;
      await new Promise((resolve) => void setTimeout(resolve, PAUSE_MS));
    }
  };
  const running = send();
  return {
    name,
    get acknowledged() {
      return acknowledged;
    },
    stop() {
      isStopped = true;
      return running;
    },
  };
}

async function post(url: string, service: string, numbers: readonly number[]): Promise<boolean> {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const spans = numbers.map((number) => ({
    traceId: crypto.randomUUID().replaceAll('-', ''),
    spanId: crypto.randomUUID().replaceAll('-', '').slice(0, 16),
    name: 'numbered',
    kind: 2,
    startTimeUnixNano: String(nowNs),
    endTimeUnixNano: String(nowNs + 1_000n),
    attributes: [{ key: 'n', value: { intValue: String(number) } }],
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  // The answer may be lost with the process that gives it: then it is not known, and the numbers are sent again under new ids.
  const key = `"${keyOf(service)}/${numbers[0] ?? 0}"`;
  try {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch (error) {
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')) return false;
    throw error;
  }
}

const keys = new Map<string, string>();

/** A sender's own UUID: a request that is sent again is stored once. */
function keyOf(service: string): string {
  const key = keys.get(service) ?? crypto.randomUUID();
  keys.set(service, key);
  return key;
}
