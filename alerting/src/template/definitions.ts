import type { TemplateFile } from '@tocsin/service/config';
import { type ParsedTemplate, parseTemplate } from '@tocsin/service/template';

/** What files of templates define; of two definitions of one name the later counts, as for Alertmanager. The configuration has read them: they are good. */
export function readDefinitions(files: readonly TemplateFile[]): ParsedTemplate['definitions'] {
  return new Map(files.flatMap(({ text }) => [...parseTemplate(text).definitions]));
}
