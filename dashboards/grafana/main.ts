import { mkdir, writeFile } from 'node:fs/promises';
import { DASHBOARDS_FOLDER, generateDashboards } from './dashboards.ts';

await mkdir(DASHBOARDS_FOLDER, { recursive: true });
for (const [name, text] of generateDashboards()) await writeFile(new URL(name, DASHBOARDS_FOLDER), text);
