import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { saveAlerting } from './save.ts';

// Started by `npx tocsin backup`: writes alerting's files as they are at one moment into a folder, while alerting may run.
const { values } = parseArgs({ options: { data: { type: 'string' }, to: { type: 'string' } }, strict: true });
if (values.data === undefined || values.to === undefined) {
  process.stderr.write('expected --data DIR and --to DIR\n');
  process.exit(2);
}
saveAlerting(join(values.data, 'alerting'), values.to);
