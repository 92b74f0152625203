import { createShop } from './shop.ts';

const app = createShop();
const url = await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) });
console.log(`The shop is open on ${url}`);
