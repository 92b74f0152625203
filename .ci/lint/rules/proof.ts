import { defineRule } from '../rule.ts';

const TEST_FUNCTIONS = new Set(['it', 'test', 'describe', 'suite']);
const OFF = new Set(['skip', 'only', 'todo', 'fails', 'skipIf', 'runIf']);
const MOCKS = new Set(['mock', 'doMock', 'unmock', 'doUnmock', 'hoisted', 'importMock']);

/** Tests run, all of them, against the real thing. */
export const realTests = defineRule('Test the real thing', (_place, refuse) => ({
  MemberExpression(node) {
    if (node.object.type !== 'Identifier' || node.property.type !== 'Identifier' || node.computed) return;
    const { name } = node.object;
    const property = node.property.name;
    if (TEST_FUNCTIONS.has(name) && OFF.has(property))
      refuse(node, `No ${name}.${property}: a test runs, or it is removed.`);
    if ((name === 'vi' || name === 'jest') && MOCKS.has(property))
      refuse(node, `No module mocking (${name}.${property}): put a small class on the port, or use the real thing.`);
  },
}));

/** What is unfinished is finished, or stands in the issue list. */
export const noUnfinished = defineRule('Comments say why', (_place, refuse, context) => ({
  Program() {
    for (const comment of context.sourceCode.getAllComments()) {
      const mark = /\b(?:TODO|FIXME|XXX|HACK)\b/.exec(comment.value);
      if (mark) refuse(comment, `${mark[0]} in a comment: finish it, or open an issue.`);
    }
  },
}));
