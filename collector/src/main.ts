import { runService } from '@tocsin/service/run';
import { createCollector } from './app.ts';

await runService(process, { name: 'collector', start: createCollector });
