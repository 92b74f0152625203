import { setTimeout as sleep } from 'node:timers/promises';
import { logs, metrics, SeverityNumber, trace } from '@opentelemetry/api';
import Fastify, { type FastifyInstance } from 'fastify';

const CATALOGUE = new Map([
  ['bell', { name: 'Brass bell', priceCents: 4_900 }],
  ['rope', { name: 'Bell rope', priceCents: 1_250 }],
  ['wheel', { name: 'Bell wheel', priceCents: 23_000 }],
]);

interface Order {
  readonly product: string;
  readonly quantity: number;
}

const orderSchema = {
  type: 'object',
  required: ['product', 'quantity'],
  additionalProperties: false,
  properties: { product: { type: 'string' }, quantity: { type: 'integer', minimum: 1, maximum: 100 } },
} as const;

/**
 * A small shop: a catalogue, a checkout that asks a warehouse over HTTP, a health page, and a switch that breaks it.
 * It makes traces by instrumentation and, by hand, a counter, a histogram, an up-down counter, a gauge and log records.
 */
export function createShop(): FastifyInstance {
  const app = Fastify();
  const log = logs.getLogger('shop');
  const meter = metrics.getMeter('shop');
  const orders = meter.createCounter('shop.orders', { unit: '{order}', description: 'Orders by product and outcome' });
  const checkoutDuration = meter.createHistogram('shop.checkout.duration', {
    unit: 's',
    description: 'Time of a checkout',
  });
  const inCheckout = meter.createUpDownCounter('shop.checkout.active', { unit: '{order}' });
  const stock = new Map([...CATALOGUE.keys()].map((product) => [product, 1_000_000]));
  meter.createObservableGauge('shop.stock', { unit: '{item}' }).addCallback((result) => {
    for (const [product, count] of stock) result.observe(count, { product });
  });
  let broken = false;

  app.get('/health', (_request, reply) =>
    broken ? reply.code(503).send({ status: 'broken', reason: 'the warehouse does not answer' }) : { status: 'ok' },
  );
  app.post('/admin/break', () => ({ broken: (broken = true) }));
  app.post('/admin/repair', () => ({ broken: (broken = false) }));
  app.get('/products', () => [...CATALOGUE].map(([id, product]) => ({ id, ...product })));

  app.get<{ Params: { product: string } }>('/warehouse/:product', async ({ params }, reply) => {
    await sleep(2 + Math.random() * 8);
    if (broken) return reply.code(503).send({ error: 'no answer from the shelves' });
    return { product: params.product, stock: stock.get(params.product) ?? 0 };
  });

  app.post<{ Body: Order }>('/checkout', { schema: { body: orderSchema } }, async ({ body, host, protocol }, reply) => {
    const startedAt = performance.now();
    inCheckout.add(1);
    try {
      const answer = await fetch(`${protocol}://${host}/warehouse/${encodeURIComponent(body.product)}`);
      const outcome = answer.ok ? 'sold' : 'failed';
      orders.add(1, { product: body.product, outcome });
      if (!answer.ok) {
        log.emit({
          severityNumber: SeverityNumber.ERROR,
          severityText: 'ERROR',
          body: `checkout failed: the warehouse answered ${answer.status}`,
          attributes: { 'shop.product': body.product, 'http.response.status_code': answer.status },
        });
        return await reply.code(500).send({ error: 'The warehouse does not answer.' });
      }
      stock.set(body.product, (stock.get(body.product) ?? 0) - body.quantity);
      trace.getActiveSpan()?.setAttribute('shop.quantity', body.quantity);
      log.emit({
        severityNumber: SeverityNumber.INFO,
        severityText: 'INFO',
        body: `sold ${body.quantity} of ${body.product}`,
        attributes: { 'shop.product': body.product, 'shop.quantity': body.quantity },
      });
      return { sold: body };
    } finally {
      inCheckout.add(-1);
      checkoutDuration.record((performance.now() - startedAt) / 1_000, { product: body.product });
    }
  });
  return app;
}
