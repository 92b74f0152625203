import { stopInOrder } from '@tocsin/service/stop';
import { expect, it } from 'vitest';

it('runs every step in order though one fails, and throws what failed at the end', async () => {
  const ran: string[] = [];
  const stopping = stopInOrder([
    async () => ran.push('intake'),
    () => {
      ran.push('buffers');
      throw new Error('disk');
    },
    async () => ran.push('clients'),
  ]);
  await expect(stopping).rejects.toMatchObject({ errors: [new Error('disk')] });
  expect(ran).toEqual(['intake', 'buffers', 'clients']);
});
