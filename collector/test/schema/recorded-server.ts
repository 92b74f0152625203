import { createServer } from 'node:http';
import { createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { onTestFinished } from 'vitest';

/** A server on a real socket that writes down what it is told, for what no engine here can run. */
export interface RecordedServer {
  readonly client: ClickHouseClient;
  /** The statements, in order. */
  readonly told: string[];
}

/** @param answer the rows of a query, as JSON */
export async function startRecordedServer(answer: (statement: string) => readonly object[]): Promise<RecordedServer> {
  const told: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
      const body = Buffer.concat(chunks).toString('utf8');
      const inUrl = new URL(request.url ?? '/', 'http://recorded').searchParams.get('query');
      const statement = (inUrl ?? body).trim();
      told.push(statement);
      response.end(
        answer(statement)
          .map((row) => `${JSON.stringify(row)}\n`)
          .join(''),
      );
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const client = createClient({ url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}` });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client, told };
}
