import type { RequestBody, RequestSettings } from '@tocsin/service/config';

/** Values that earlier steps have given, by name. */
export type Values = ReadonlyMap<string, string>;

const REFERENCE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

/** The request with `{{ name }}` filled in wherever it may stand. The configuration has checked that every name has a value. */
export function fillRequest(settings: RequestSettings, values: Values): RequestSettings {
  if (values.size === 0) return settings;
  const fill = (text: string): string => fillText(text, values, (value) => value);
  const { auth } = settings;
  return {
    ...settings,
    // A value may be a path of several parts; anything else in it must not change what the URL means.
    url: fillText(settings.url, values, (value) => encodeURIComponent(value).replaceAll('%2F', '/')),
    headers: Object.fromEntries(Object.entries(settings.headers).map(([name, value]) => [name, fill(value)])),
    body: settings.body && fillBody(settings.body, values, fill),
    auth: auth?.type === 'bearer' ? { ...auth, token: fill(auth.token) } : auth,
  };
}

function fillBody(body: RequestBody, values: Values, fill: (text: string) => string): RequestBody {
  switch (body.type) {
    case 'text':
      return { ...body, text: fill(body.text) };
    case 'form':
      return {
        ...body,
        fields: Object.fromEntries(Object.entries(body.fields).map(([name, value]) => [name, fill(value)])),
      };
    case 'multipart':
      return {
        ...body,
        parts: body.parts.map((part) => ({ ...part, value: part.value === undefined ? undefined : fill(part.value) })),
      };
    case 'graphql': {
      const { variables } = body;
      const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);
      return { ...body, variables: variables === undefined ? undefined : fillText(variables, values, inJson) };
    }
    default:
      return body;
  }
}

function fillText(text: string, values: Values, encode: (value: string) => string): string {
  return text.replace(REFERENCE, (_whole, name: string) => encode(values.get(name) ?? ''));
}
