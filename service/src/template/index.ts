export { checkTemplate, type KnownToTemplate } from './check.ts';
export {
  describeArguments,
  describeMissingFunction,
  isTemplateFunction,
  type TemplateFunctionName,
} from './function-table.ts';
export { TemplateError } from './lexer.ts';
export {
  type Assignment,
  type ControlNode,
  type Operand,
  type ParsedTemplate,
  parseTemplate,
  type Pipeline,
  type TemplateNode,
} from './parser.ts';
