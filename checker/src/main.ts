import { runService } from '@tocsin/service/run';
import { createChecker } from './app.ts';

await runService(process, { name: 'checker', start: (context) => createChecker(context) });
