import { parseArgs } from 'node:util';
import { buildWeb, serveWeb } from './build-web.ts';

// node dashboards/web/build/main.ts: builds dashboards/web/dist. With --dev URL: serves the sources, and asks the console at URL for data.
const { values } = parseArgs({ options: { dev: { type: 'string' } } });
if (values.dev === undefined) await buildWeb();
else process.stdout.write(`${await serveWeb(values.dev)}\n`);
