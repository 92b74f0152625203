import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'node:http';
import { expect, it } from 'vitest';
import { createHttpServer } from '@tocsin/service/http';

it('stops soon after a request that was in flight, though its connection is kept alive', async () => {
  const server = createHttpServer({
    address: { host: '127.0.0.1', port: 0 },
    readiness: () => ({ ready: true, reasons: [] }),
  });
  server.app.get('/slow', async () => {
    await sleep(300);
    return 'done';
  });
  const url = await server.listen();
  const agent = new Agent({ keepAlive: true });
  const answer = new Promise<number | undefined>((resolve, reject) => {
    request(`${url}/slow`, { agent }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  await sleep(100);
  await Promise.all([server.stop(), server.stop()]);
  expect(await answer).toBe(200);
  agent.destroy();
});
