import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsClientSettings } from '@tocsin/service/config';
import { unknown } from '../verdict.ts';
import { done, judged, type Step } from './step.ts';
import { noteAuthorities } from './verified-path.ts';

/** Contexts of this many different settings are kept; the oldest gives way. */
const MOST_CONTEXTS = 1_000;

/** What stands in the files when a context was made, to see that they have changed. */
interface KeptContext {
  readonly signature: string;
  readonly context: SecureContext;
}

/** Makes secure contexts of monitors that bring their own authorities or certificate. One for all runs. */
export class TlsContexts {
  readonly #shared: SecureContext;
  readonly #kept = new Map<string, KeptContext>();

  /** @param shared for whoever brings nothing: the authorities that everybody trusts */
  constructor(shared: SecureContext) {
    this.#shared = shared;
  }

  /** The context of whoever brings nothing of its own. */
  get shared(): SecureContext {
    return this.#shared;
  }

  /** The context of these settings; its files are read again when they have changed. A file that cannot be used is our own trouble. */
  async find(settings: TlsClientSettings): Promise<Step<SecureContext>> {
    const { caFile, certFile, keyFile, keyPassword } = settings;
    if (caFile === undefined && certFile === undefined) return done(this.#shared);
    const key = JSON.stringify([caFile, certFile, keyFile, keyPassword]);
    try {
      const signature = await signFiles([caFile, certFile, keyFile]);
      const kept = this.#kept.get(key);
      if (kept?.signature === signature) return done(kept.context);
      const authorities = await readInto('ca', caFile);
      const context = createSecureContext({
        ...authorities,
        ...(await readInto('cert', certFile)),
        ...(await readInto('key', keyFile)),
        ...(keyPassword === undefined ? {} : { passphrase: keyPassword }),
      });
      if (authorities.ca) noteAuthorities(context, authorities.ca.toString('utf8'));
      this.#kept.delete(key);
      this.#kept.set(key, { signature, context });
      for (const oldest of this.#kept.keys()) {
        if (this.#kept.size <= MOST_CONTEXTS) break;
        this.#kept.delete(oldest);
      }
      return done(context);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      const files = [caFile, certFile, keyFile].filter((file) => file !== undefined).join(', ');
      const message = `expected a certificate, its key and authorities in PEM in ${files}, found ${String(error.code)}`;
      return judged(unknown('invalid_request', message));
    }
  }
}

async function signFiles(files: readonly (string | undefined)[]): Promise<string> {
  const signs = await Promise.all(
    files.map(async (file) => {
      if (file === undefined) return '';
      const { mtimeMs, size, ino } = await stat(file);
      return `${mtimeMs}/${size}/${ino}`;
    }),
  );
  return signs.join(' ');
}

async function readInto<Name extends string>(name: Name, file: string | undefined): Promise<{ [K in Name]?: Buffer }> {
  return file === undefined ? {} : ({ [name]: await readFile(file) } as { [K in Name]: Buffer });
}
