import { defineRule } from '../rule.ts';

/** Only `main.ts`, `deploy/bin` and tests see the process. */
export const processInMain = defineRule('main.ts owns the process', (place, refuse, context) => {
  if (place.isMain || place.isTest) return {};
  const message = 'process belongs to main.ts: hand what you need of it over as an argument.';
  return {
    ImportDeclaration(node) {
      if (/^(node:)?process$/.test(node.source.value)) refuse(node, message);
    },
    Identifier(node) {
      if (node.name !== 'process') return;
      const { parent } = node;
      if (parent.type === 'MemberExpression' && parent.property === node && !parent.computed) {
        if (parent.object.type === 'Identifier' && parent.object.name === 'globalThis') refuse(node, message);
        return;
      }
      if (parent.type === 'Property' && parent.key === node && !parent.shorthand) return;
      const references = context.sourceCode.getScope(node).references;
      const reference = references.find(({ identifier }) => identifier === node);
      const isLocal = (reference?.resolved?.defs.length ?? 0) > 0;
      if (reference !== undefined && !isLocal) refuse(node, message);
    },
  };
});

/** Importing a module has no effect: outside entry points, nothing is called at the top level for its effect. */
export const noImportEffects = defineRule('main.ts owns the process', (place, refuse) => {
  if (place.isMain || place.isTest || place.owner === 'root') return {};
  return {
    Program(node) {
      for (const statement of node.body) {
        const isDirective = statement.type === 'ExpressionStatement' && statement.expression.type === 'Literal';
        if (statement.type === 'ExpressionStatement' && !isDirective)
          refuse(statement, 'Importing a module has no effect: move this into a function that main.ts calls.');
      }
    },
  };
});
