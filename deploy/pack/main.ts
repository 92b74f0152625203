import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pack, sbomOfPackage } from './pack.ts';

// node deploy/pack/main.ts [--out DIR]: makes the npm package, by default in the working folder, and prints its path.
// node deploy/pack/main.ts --sbom [FILE]: only its bill of materials, to standard output or a file. SOURCE_DATE_EPOCH (s) is the time it says.
const { values, positionals } = parseArgs({
  options: { out: { type: 'string', default: '.' }, sbom: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const epoch = process.env['SOURCE_DATE_EPOCH'];
const timeMs = epoch ? Number(epoch) * 1_000 : Date.now();
if (!values.sbom) process.stdout.write(`${await pack(resolve(values.out), timeMs)}\n`);
else if (positionals[0] === undefined) process.stdout.write(await sbomOfPackage(timeMs));
else await writeFile(resolve(positionals[0]), await sbomOfPackage(timeMs));
