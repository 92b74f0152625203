import { type ParsedTemplate, parseTemplate, TemplateError } from '@tocsin/service/template';
import type { LabelSet } from '../alert.ts';
import { evaluateTemplate } from './evaluate.ts';
import type { Value } from './format.ts';
import type { FunctionContext } from './functions.ts';

/** What a template of a rule is filled in with. */
export interface TemplateData {
  readonly labels: LabelSet;
  /** Tocsin's addition: the row's columns `annotation_<name>`, as `$annotations.<name>`. */
  readonly annotations: LabelSet;
  readonly value: number;
  readonly nowMs: number;
  /** The console as people reach it. */
  readonly externalUrl: string;
  /** Answers the function `query`; throws TemplateError where it cannot. */
  readonly query?: FunctionContext['query'];
}

/** A label or annotation of a rule, parsed once. */
export interface Template {
  /** Never throws: what is wrong becomes `<error expanding template: …>`, so a bad template loses no alert. */
  expand(data: TemplateData): string;
}

/**
 * Prometheus's template language for labels and annotations: `{{ $labels.service }}: {{ $value | humanizePercentage }}`. Source:
 * Prometheus documentation, "Template reference". The configuration has refused what cannot be (`checkTemplate`), so what becomes text here depends on the row.
 */
export function compileTemplate(source: string): Template {
  if (!source.includes('{{')) return { expand: () => source };
  const parsed = parse(source);
  if (typeof parsed === 'string') return { expand: () => parsed };
  return {
    expand: (data) => guard(() => evaluateTemplate(parsed, dataOf(data), variablesOf(data), data)),
  };
}

function parse(source: string): ParsedTemplate | string {
  try {
    return parseTemplate(source);
  } catch (error) {
    if (error instanceof TemplateError) return errorText(error);
    throw error;
  }
}

function guard(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError) return errorText(error);
    throw error;
  }
}

function errorText(error: TemplateError): string {
  return `<error expanding template: ${error.message}>`;
}

function dataOf({ labels, annotations, value, externalUrl }: TemplateData): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ['Labels', toMap(labels)],
    ['Annotations', toMap(annotations)],
    ['ExternalLabels', new Map()],
    ['ExternalURL', externalUrl],
    ['Value', value],
  ]);
}

function variablesOf({ labels, annotations, value, externalUrl }: TemplateData): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ['labels', toMap(labels)],
    ['annotations', toMap(annotations)],
    ['externalLabels', new Map()],
    ['externalURL', externalUrl],
    ['value', value],
  ]);
}

function toMap(labels: LabelSet): ReadonlyMap<string, Value> {
  return new Map(Object.entries(labels));
}
