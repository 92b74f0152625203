import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { MultipartPart, RequestBody } from '@tocsin/service/config';
import { done, judged, type Step } from '../../net/step.ts';
import { unknown } from '../../verdict.ts';

/** The bytes of a request's body and what they are, where the kind of body says it. */
export interface EncodedBody {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
}

const LARGEST_FILE_BYTES = 64 * 2 ** 20;

/** Makes the bytes of a body. Files are read now; one that cannot be read is our own trouble. */
export async function encodeBody(body: RequestBody): Promise<Step<EncodedBody>> {
  switch (body.type) {
    case 'text':
      return done({ bytes: Buffer.from(body.text), contentType: undefined });
    case 'form':
      return done({
        bytes: Buffer.from(new URLSearchParams(body.fields).toString()),
        contentType: 'application/x-www-form-urlencoded',
      });
    case 'graphql': {
      const { query, variables, operationName } = body;
      const request = {
        query,
        ...(operationName === undefined ? {} : { operationName }),
        ...(variables === undefined ? {} : { variables: JSON.parse(variables) as unknown }),
      };
      return done({ bytes: Buffer.from(JSON.stringify(request)), contentType: 'application/json' });
    }
    case 'file': {
      const read = await readBytes(body.file);
      return read.status === 'done' ? done({ bytes: read.value, contentType: undefined }) : read;
    }
    default:
      return encodeMultipart(body.parts);
  }
}

/** Source: RFC 7578 ("multipart/form-data"), section 4; quoting of names as WHATWG HTML has it. */
async function encodeMultipart(parts: readonly MultipartPart[]): Promise<Step<EncodedBody>> {
  const boundary = `tocsin-${randomBytes(16).toString('hex')}`;
  const pieces: Buffer[] = [];
  for (const { name, value, file: path, contentType } of parts) {
    const content = path === undefined ? done(Buffer.from(value ?? '')) : await readBytes(path);
    if (content.status !== 'done') return content;
    const filename = path === undefined ? '' : `; filename="${quoteName(basename(path))}"`;
    const type = contentType ?? (path === undefined ? undefined : 'application/octet-stream');
    const head = [
      `--${boundary}`,
      `Content-Disposition: form-data; name="${quoteName(name)}"${filename}`,
      ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    ];
    pieces.push(Buffer.from(`${head.join('\r\n')}\r\n\r\n`), content.value, Buffer.from('\r\n'));
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return done({ bytes: Buffer.concat(pieces), contentType: `multipart/form-data; boundary=${boundary}` });
}

function quoteName(name: string): string {
  return name.replace(/\r\n|\r|\n/g, '%0D%0A').replaceAll('"', '%22');
}

async function readBytes(path: string): Promise<Step<Buffer>> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= LARGEST_FILE_BYTES) return done(bytes);
    return judged(unknown('invalid_request', `expected ${path} to be of at most 64 MiB, found more`));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return judged(unknown('invalid_request', `expected ${path} to be a file, found ${String(error.code)}`));
  }
}
