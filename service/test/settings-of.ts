import { z } from 'zod';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly allOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/**
 * Every setting that has no settings inside, as `monitors[].http`; a route's own routes are not entered again, and what can only have
 * one value (a monitor's kind) is none.
 */
export function settingsOf(type: z.ZodType): string[] {
  const document = z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const entered = new Set<string>();
  const collect = (schema: JsonSchema, path: string): string[] => {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.replace('#/$defs/', '');
      const target = entered.has(name) ? {} : (document.$defs?.[name] ?? {});
      entered.add(name);
      return collect(target, path);
    }
    const found = [
      ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
        inner.const === undefined ? collect(inner, path === '' ? key : `${path}.${key}`) : [],
      ),
      ...(schema.items ? collect(schema.items, `${path}[]`) : []),
      ...[...(schema.allOf ?? []), ...(schema.oneOf ?? [])].flatMap((part) => collect(part, path)),
      // One or a list of them: one line.
      ...(schema.anyOf ?? []).flatMap((part) => collect(part.items ?? part, path)),
    ];
    return found.some((inner) => inner.startsWith(`${path}.`) || inner.startsWith(`${path}[].`) || path === '')
      ? found
      : [path];
  };
  return [...new Set(collect(document, ''))];
}
