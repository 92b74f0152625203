import { defineRule } from '../rule.ts';

export const MAX_FILE_LINES = 400;
export const MAX_FUNCTION_LINES = 80;

/** Files of pure data say so by their name: `wire-table.ts`, `field-tables.ts`. */
const DATA_TABLE = /(^|-)tables?\.ts$/;
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*\.(?:tsx?|mts|mjs|js)$/;
const NAMELESS = /^(?:utils?|common|helpers?|shared|misc)$/;

/** A file has at most 400 lines; tables of data are exempt by their name. */
export const fileSize = defineRule('Small files', (place, refuse, context) => {
  if (DATA_TABLE.test(place.baseName)) return {};
  return {
    Program(node) {
      const lines = context.sourceCode.text.trimEnd().split('\n').length;
      if (lines > MAX_FILE_LINES)
        refuse(node, `${lines} lines: a file has at most ${MAX_FILE_LINES}; split it by what its parts are for.`);
    },
  };
});

/** A function has at most 80 lines; tests are exempt. */
export const functionSize = defineRule('Small files', (place, refuse) => {
  if (place.isTest) return {};
  const check = (node: { loc: { start: { line: number }; end: { line: number } } } & Parameters<typeof refuse>[0]) => {
    const lines = node.loc.end.line - node.loc.start.line + 1;
    if (lines > MAX_FUNCTION_LINES) refuse(node, `${lines} lines: a function has at most ${MAX_FUNCTION_LINES}.`);
  };
  return { FunctionDeclaration: check, FunctionExpression: check, ArrowFunctionExpression: check };
});

/** Files and folders are named for what they are, in kebab case; tests stand in the package's `test` folder. */
export const fileName = defineRule('Names', (place, refuse) => ({
  Program(node) {
    const folders = place.path.split('/').slice(0, -1);
    const stem = place.baseName.split('.', 1)[0] ?? '';
    if (!NAME.test(place.baseName)) refuse(node, `${place.baseName}: file names are kebab-case.`);
    const nameless = [...folders, stem].find((part) => NAMELESS.test(part));
    if (nameless !== undefined)
      refuse(node, `"${nameless}" says nothing: name it for what it holds, as the pipeline's nouns do.`);
    if (place.baseName.endsWith('.test.ts') && !place.isTest) refuse(node, "Tests stand in the package's test folder.");
  },
}));

/** Named exports only, each by name. */
export const namedExports = defineRule('Names', (place, refuse) => {
  if (place.owner === 'root') return {};
  return {
    ExportAllDeclaration: (node) => refuse(node, 'No export *: export by name.'),
    ExportDefaultDeclaration: (node) => refuse(node, 'No default export: give it a name.'),
  };
});

const TIME = /(?:^|[a-z])(?:timeout|interval|delay|duration|ttl|elapsed|latency|backoff)$/i;

/** A number that is a time says its unit in its name. */
export const unitsInNames = defineRule('Names', (_place, refuse) => {
  const check = (node: Parameters<typeof refuse>[0], name: string, annotation: Annotation): void => {
    if (annotation?.typeAnnotation.type === 'TSNumberKeyword' && TIME.test(name))
      refuse(node, `${name} is a number: say its unit in its name, as ${name}Ms.`);
  };
  return {
    Identifier: (node) => check(node, node.name, (node as { typeAnnotation?: Annotation }).typeAnnotation),
    TSPropertySignature(node) {
      if (node.key.type === 'Identifier') check(node, node.key.name, node.typeAnnotation);
    },
    PropertyDefinition(node) {
      if (node.key.type === 'Identifier') check(node, node.key.name, node.typeAnnotation);
    },
  };
});

type Annotation = { readonly typeAnnotation: { readonly type: string } } | null | undefined;
