import { runService } from '@tocsin/service/run';
import { createDashboards } from './app.ts';

await runService(process, { name: 'dashboards', start: createDashboards });
