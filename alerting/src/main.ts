import { runService } from '@tocsin/service/run';
import { createAlerting } from './app.ts';

await runService(process, { name: 'alerting', start: createAlerting });
