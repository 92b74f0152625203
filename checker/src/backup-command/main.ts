import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { saveChecker } from './save.ts';

// Started by `npx tocsin backup`: writes the checker's files into a folder, while the checker may run.
const { values } = parseArgs({ options: { data: { type: 'string' }, to: { type: 'string' } }, strict: true });
if (values.data === undefined || values.to === undefined) {
  process.stderr.write('expected --data DIR and --to DIR\n');
  process.exit(2);
}
await saveChecker(join(values.data, 'checker'), values.to);
