import { collectLessForBuffers } from '@tocsin/service/external-memory';
import { runService } from '@tocsin/service/run';
import { createCollector } from './app.ts';

collectLessForBuffers();
await runService(process, { name: 'collector', start: createCollector });
