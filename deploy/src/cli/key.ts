import { hash, randomBytes } from 'node:crypto';
import { EXIT } from './exit-codes.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Where text is written. */
interface Written {
  write(text: string): unknown;
}

/** 256 bits: nobody guesses it, so a plain hash of it is enough in the configuration. */
const KEY_BYTES = 32;

/**
 * `key`: makes a random key, says it once, and shows the lines for `collector.keys`, which hold only its hash. The key goes to standard
 * output alone, so that it can be piped; what is for people goes to standard error. @returns the exit code
 */
export function makeKey(host: { readonly stdout: Written; readonly stderr: Written }, args: readonly string[]): number {
  const [name, ...more] = args;
  if (name === undefined || more.length > 0 || !NAME.test(name)) {
    host.stderr.write(
      'Usage: npx tocsin key NAME\nNAME: letters, digits, . _ and -, at most 64; it names the sender in metrics.\n',
    );
    return EXIT.badConfiguration;
  }
  const key = `tocsin_${randomBytes(KEY_BYTES).toString('base64url')}`;
  host.stderr.write(
    ['The key of the sender, shown this once (Authorization: Bearer KEY, or x-api-key: KEY):', '', ''].join('\n'),
  );
  host.stdout.write(`${key}\n`);
  host.stderr.write(
    [
      '',
      'The lines for tocsin.yaml, which hold only its hash:',
      '',
      'collector:',
      '  keys:',
      `    - name: ${name}`,
      `      sha256: ${hash('sha256', key)}`,
      '',
    ].join('\n'),
  );
  return EXIT.stopped;
}
