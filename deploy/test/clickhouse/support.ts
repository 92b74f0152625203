import { text } from 'node:stream/consumers';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { createNativeDecoder } from '../../src/clickhouse/http/native-compression.ts';
import type { TestClickHouse } from '../../src/testing/index.ts';

/** A client that does not print the errors a test provokes. */
export function quietClient(
  server: TestClickHouse,
  options: Parameters<typeof createClient>[0] = {},
): ClickHouseClient {
  return createClient({
    url: server.url,
    database: server.database,
    log: { level: ClickHouseLogLevel.OFF },
    ...options,
  });
}

/** What `curl` would send as the collector: parameters in the URL, the body as it is. */
export async function send(
  server: TestClickHouse,
  parameters: Readonly<Record<string, string>>,
  init: RequestInit = { method: 'POST' },
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`${server.address}/?${new URLSearchParams(parameters).toString()}`, {
    ...init,
    headers: { Authorization: server.authorization, ...(init.headers as Record<string, string> | undefined) },
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** Runs a statement that must succeed. */
export async function run(
  server: TestClickHouse,
  statement: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { status, text } = await send(server, parameters, { method: 'POST', body: statement });
  if (status !== 200) throw new Error(text);
  return text;
}

/** The text of an answer in ClickHouse's own blocks. */
export async function nativeBody(response: Response): Promise<string> {
  const decoder = createNativeDecoder();
  decoder.end(Buffer.from(await response.arrayBuffer()));
  return text(decoder);
}
