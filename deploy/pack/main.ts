import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pack } from './pack.ts';

// node deploy/pack/main.ts [--out DIR]: makes the npm package, by default in the working folder, and prints its path.
const { values } = parseArgs({ options: { out: { type: 'string', default: '.' } } });
process.stdout.write(`${await pack(resolve(values.out))}\n`);
