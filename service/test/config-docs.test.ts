import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { root } from '../src/config/schema/root.ts';
import { ruleFile } from '../src/config/schema/rules.ts';

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
function settingsOf(type: z.ZodType): string[] {
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

describe('docs/configuration.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `([^`\s]+)`/gm)].map(([, path]) => path);

  it('has a line for every setting of tocsin.yaml and of rule files, and for no other', () => {
    const settings = [...settingsOf(root), ...settingsOf(ruleFile)];
    expect(settings.length).toBeGreaterThan(50);
    expect(documented.toSorted()).toEqual(settings.toSorted());
  });
});
