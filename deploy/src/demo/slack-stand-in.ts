import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** One message posted to the webhook: the JSON body as Slack would get it. */
export interface SlackMessage {
  readonly receivedAtMs: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Every text in the body, joined: what a reader would see. */
  readonly text: string;
}

/** A local server in the place of Slack's incoming webhooks. */
export interface SlackStandIn {
  readonly webhookUrl: string;
  readonly messages: readonly SlackMessage[];
  stop(): Promise<void>;
}

const MOST_MESSAGES = 1_000;
const MOST_BYTES = 1_048_576;

/**
 * Starts it on loopback. It answers as Slack documents for incoming webhooks: 200 `ok`, 400 `invalid_payload` for a body
 * that is not JSON, 404 for another path.
 * @param onMessage called after each message was taken
 */
export async function startSlackStandIn(
  onMessage: (message: SlackMessage) => void = () => undefined,
): Promise<SlackStandIn> {
  const messages: SlackMessage[] = [];
  const path = '/services/T00000000/B00000000/demo';
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const message = request.url === path ? readMessage(body) : undefined;
      if (request.url !== path) response.writeHead(404).end('no_team');
      else if (!message) response.writeHead(400).end('invalid_payload');
      else {
        if (messages.length < MOST_MESSAGES) messages.push(message);
        response.writeHead(200, { 'content-type': 'text/html' }).end('ok');
        onMessage(message);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    webhookUrl: `http://127.0.0.1:${port}${path}`,
    messages,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MOST_BYTES) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function readMessage(source: string): SlackMessage | undefined {
  try {
    const body: unknown = JSON.parse(source);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
    return { receivedAtMs: Date.now(), body: body as Record<string, unknown>, text: textsOf(body).join('\n') };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
