import { z } from 'zod';
import { isGiven, type Mapping, type Refuse } from '../cross-checks.ts';
import { flag, httpUrl, size, text, wholeNumber } from '../scalars.ts';

const part = z.strictObject({
  name: text,
  value: z.string().optional(),
  file: text.optional(),
  content_type: text.optional(),
});

const graphql = z.strictObject({
  query: text,
  variables: z
    .string()
    .refine((value) => isJsonObject(value), { message: 'expected a JSON object such as {"id": 1}' })
    .optional(),
  operation_name: text.optional(),
});

const credentials = z.strictObject({ username: text, password: z.string() });

const oauth2 = z
  .strictObject({
    token_url: httpUrl,
    client_id: text,
    client_secret: text,
    scopes: z.array(text).default([]),
    audience: text.optional(),
    credentials_in: z.enum(['header', 'body']).default('header'),
  })
  .transform((value) => ({
    tokenUrl: value.token_url,
    clientId: value.client_id,
    clientSecret: value.client_secret,
    scopes: value.scopes as readonly string[],
    audience: value.audience,
    credentialsIn: value.credentials_in,
  }));

/** The settings of one request, of a monitor or of a step of a flow. */
export const requestSettings = {
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).optional(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  body_file: text.optional(),
  form: z.record(z.string(), z.string()).optional(),
  multipart: z.array(part).min(1).optional(),
  graphql: graphql.optional(),
  basic: credentials.optional(),
  bearer: text.optional(),
  oauth2: oauth2.optional(),
  redirects: z.enum(['follow', 'stop', 'forbid']).optional(),
  max_redirects: wholeNumber(0, 20).default(5),
  decompress: flag.default(true),
  max_body: size.default(2 ** 20),
};

const BODIES = ['body', 'body_file', 'form', 'multipart', 'graphql'] as const;
const CREDENTIALS = ['basic', 'bearer', 'oauth2'] as const;
const LARGEST_BODY_BYTES = 64 * 2 ** 20;

/** What holds between the settings of one request. */
export function checkRequest(given: Mapping, refuse: Refuse): void {
  for (const choices of [BODIES, CREDENTIALS]) {
    const [first, second] = choices.filter((key) => isGiven(given, key));
    if (second !== undefined) refuse([second], `one of ${choices.join(', ')} (${first} is there as well)`);
  }
  const { max_body: maxBody, multipart, method } = given;
  if (typeof maxBody === 'number' && maxBody > LARGEST_BODY_BYTES) refuse(['max_body'], 'a size of at most 64MiB');
  if (method === 'GET' || method === 'HEAD') {
    const sent = BODIES.find((key) => isGiven(given, key));
    if (sent !== undefined) refuse(['method'], `a method that sends a body (there is ${sent})`);
  }
  if (!Array.isArray(multipart)) return;
  for (const [index, entry] of multipart.entries()) {
    const [value, file] = [isGiven(entry as Mapping, 'value'), isGiven(entry as Mapping, 'file')];
    if (value === file) refuse(['multipart', index], 'either value or file');
  }
}

type Settings = z.output<z.ZodObject<typeof requestSettings>>;

/** What a request sends. Files are read at each run. */
export type RequestBody =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'file'; readonly file: string }
  | { readonly type: 'form'; readonly fields: Readonly<Record<string, string>> }
  | { readonly type: 'multipart'; readonly parts: readonly MultipartPart[] }
  | {
      readonly type: 'graphql';
      readonly query: string;
      /** A JSON object as text. */
      readonly variables: string | undefined;
      readonly operationName: string | undefined;
    };

export interface MultipartPart {
  readonly name: string;
  readonly value: string | undefined;
  readonly file: string | undefined;
  readonly contentType: string | undefined;
}

/** How a request proves who sends it. */
export type RequestAuth =
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'bearer'; readonly token: string }
  | ({ readonly type: 'oauth2' } & OAuth2Settings);

export type OAuth2Settings = Readonly<z.output<typeof oauth2>>;

/** One request as it is to be sent. Sizes in bytes. */
export interface RequestSettings {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | undefined;
  readonly auth: RequestAuth | undefined;
  /** `undefined`: GET and HEAD follow, others and monitors that expect a 3xx status do not. */
  readonly redirects: 'follow' | 'stop' | 'forbid' | undefined;
  readonly maxRedirects: number;
  readonly decompress: boolean;
  readonly maxBodyBytes: number;
}

/** Reads the settings of one request. */
export function requestOf(url: string, value: Settings): RequestSettings {
  const body = bodyOf(value);
  return {
    url,
    method: value.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: value.headers,
    body,
    auth: authOf(value),
    redirects: value.redirects,
    maxRedirects: value.max_redirects,
    decompress: value.decompress,
    maxBodyBytes: value.max_body,
  };
}

function bodyOf(value: Settings): RequestBody | undefined {
  const { body, body_file: file, form, multipart, graphql: query } = value;
  if (body !== undefined) return { type: 'text', text: body };
  if (file !== undefined) return { type: 'file', file };
  if (form) return { type: 'form', fields: form };
  if (query) {
    return { type: 'graphql', query: query.query, variables: query.variables, operationName: query.operation_name };
  }
  if (!multipart) return undefined;
  return {
    type: 'multipart',
    parts: multipart.map((entry) => ({
      name: entry.name,
      value: entry.value,
      file: entry.file,
      contentType: entry.content_type,
    })),
  };
}

function authOf({ basic, bearer, oauth2: client }: Settings): RequestAuth | undefined {
  if (basic) return { type: 'basic', ...basic };
  if (bearer !== undefined) return { type: 'bearer', token: bearer };
  return client && { type: 'oauth2', ...client };
}

function isJsonObject(value: string): boolean {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
