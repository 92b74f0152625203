import type { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import { REASONS } from './refusal.ts';
import { schemaOf } from './validate.ts';
import { loadZod } from './zod.ts';

type Json = Record<string, unknown>;

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'reason', 'detail'],
  properties: {
    type: { type: 'string', const: 'about:blank' },
    title: { type: 'string' },
    status: { type: 'integer' },
    reason: { type: 'string', enum: [...new Set(Object.values(REASONS))] },
    detail: { type: 'string', description: 'A sentence that says what was expected.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['in', 'field', 'detail'],
        properties: {
          in: { type: 'string', enum: ['path', 'query', 'body'] },
          field: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
  },
};
/** Alertmanager's: a sentence of a handler, or what the validation before it found. */
const ALERTMANAGER_ERROR = {
  oneOf: [
    { type: 'string' },
    {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'integer' }, message: { type: 'string' } },
    },
  ],
};

/** Describes the API. Source: OpenAPI Specification 3.1.1. */
export function describeApi(endpoints: readonly Endpoint[], version: string): Json {
  const schemas: Json = { Problem: PROBLEM, AlertmanagerError: ALERTMANAGER_ERROR };
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints)
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = describeEndpoint(endpoint, schemas);
  return {
    openapi: '3.1.1',
    info: { title: 'Tocsin alerting', version, license: { name: 'Apache 2.0', identifier: 'Apache-2.0' } },
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic', description: 'The token is the password.' },
      },
    },
  };
}

function describeEndpoint(endpoint: Endpoint, schemas: Json): Json {
  const { role, action } = endpoint;
  const body = endpoint.body && schemaJson(endpoint.body, 'input', schemas);
  const parameters = [...listParameters(endpoint, 'params', schemas), ...listParameters(endpoint, 'query', schemas)];
  return {
    summary: endpoint.summary,
    operationId: operationId(endpoint),
    tags: [endpoint.tag],
    ...(role === 'anyone' ? { security: [] } : { security: [{ bearer: [] }, { basic: [] }], 'x-role': role }),
    ...(action === undefined ? {} : { 'x-audited': action }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: { ...describeAnswer(endpoint, schemas), ...describeRefusals(endpoint) },
  };
}

/** As `getApiV2SilenceBySilenceID`. */
function operationId({ method, path }: Endpoint): string {
  const words = path.replaceAll(/\{(\w+)\}/g, 'by-$1').split(/[^A-Za-z0-9]+/);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function listParameters(endpoint: Endpoint, part: 'params' | 'query', schemas: Json): Json[] {
  const make = endpoint[part];
  if (!make) return [];
  const { properties = {}, required = [] } = schemaJson(make, 'input', schemas) as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: part === 'params' ? 'path' : 'query',
    required: part === 'params' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function describeAnswer(
  { answer, answerType = 'application/json', answerStatus = 200 }: Endpoint,
  schemas: Json,
): Json {
  if (!answer) return { [answerStatus]: { description: 'Done; nothing to say.' } };
  return {
    [answerStatus]: {
      description: 'Done.',
      content: { [answerType]: { schema: schemaJson(answer, 'output', schemas) } },
    },
  };
}

function describeRefusals(endpoint: Endpoint): Json {
  const { refusals = {}, role, path } = endpoint;
  const isAlertmanagers = path.startsWith('/api/v2');
  const own = Object.entries(refusals).map(([status, when]) => [status, when] as const);
  const takes = endpoint.body ?? endpoint.query ?? endpoint.params;
  const framework: (readonly [string, string])[] = [
    ...(takes ? [[isAlertmanagers ? '422' : '400', 'The request is not as described.'] as const] : []),
    ...(role === 'anyone'
      ? []
      : [['401', 'No token, or none that is known.'] as const, ['403', 'The token does not have the role.'] as const]),
    ...(endpoint.body ? [['413', 'The body is too large.'] as const, ['415', 'The body is not JSON.'] as const] : []),
  ];
  const content = path.startsWith('/-/')
    ? { 'text/plain': { schema: { type: 'string' } } }
    : isAlertmanagers
      ? { 'application/json': { schema: { $ref: '#/components/schemas/AlertmanagerError' } } }
      : { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries([...framework, ...own].map(([status, description]) => [status, { description, content }]));
}

/** JSON Schema of a part; schemas with an `id` of their own become components. */
function schemaJson(make: NonNullable<Endpoint['body']>, io: 'input' | 'output', schemas: Json): Json {
  const options = {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
    override: ({ jsonSchema }: { readonly jsonSchema: Json }): void => {
      // Answers may get more fields: a client that refuses those would break with the next version.
      if (io === 'output' && jsonSchema['additionalProperties'] === false) delete jsonSchema['additionalProperties'];
    },
  } as const;
  const { $schema: _, $defs = {}, ...json } = loadZod().toJSONSchema(schemaOf(make) as z.ZodType, options) as Json;
  for (const [name, schema] of Object.entries($defs as Json)) schemas[name] = relocate(schema);
  return relocate(json) as Json;
}

function relocate(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/'), (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
}
