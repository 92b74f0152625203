import { checkTemplate, parseTemplate } from '../template/index.ts';
import type { SourceDocument } from './document.ts';
import type { Problem } from './problem.ts';
import { asMapping, isMapping, mappingsIn, textAt } from './schema/cross-checks.ts';
import type { TemplateFile } from './template-files.ts';

/** The settings of each kind of channel that are filled in for each message, with what is below them. */
const FILLED: Readonly<Record<string, readonly string[]>> = {
  email_configs: ['to', 'from', 'headers', 'text', 'html'],
  slack_configs:
    'channel username icon_emoji icon_url title title_link pretext text fallback color footer fields actions image_url thumb_url'.split(
      ' ',
    ),
  pagerduty_configs: 'client client_url description severity source component group class details images links'.split(
    ' ',
  ),
  opsgenie_configs: 'message description source details responders tags actions entity note priority'.split(' '),
  pushover_configs: ['title', 'message', 'url', 'url_title', 'priority', 'device', 'sound'],
  telegram_configs: ['message'],
  discord_configs: ['title', 'message', 'content', 'username', 'avatar_url'],
  msteams_configs: ['title', 'text', 'summary'],
  msteamsv2_configs: ['title', 'text', 'summary'],
  webhook_configs: ['payload'],
  ntfy_configs: ['title', 'message', 'priority'],
  twilio_configs: ['message'],
};
/** What Alertmanager fills in and we do not: a template there would be sent as it is written. */
const NOT_FILLED: Readonly<Record<string, readonly string[]>> = {
  webhook_configs: ['url'],
  pagerduty_configs: ['routing_key', 'url'],
  opsgenie_configs: ['api_key', 'api_url'],
  pushover_configs: ['user_key', 'token'],
  telegram_configs: ['chat_id'],
  slack_configs: ['api_url'],
  discord_configs: ['webhook_url'],
  msteams_configs: ['webhook_url'],
  msteamsv2_configs: ['webhook_url'],
};

/** Alertmanager's own templates: our words stand in their place. */
const DEFAULT_NAME = /^(?:\w+\.default\.\w+|__\w+)$/;

/** Names that templates of messages may use. */
function namesIn(files: readonly TemplateFile[]): ReadonlySet<string> {
  return new Set(files.flatMap(({ text }) => [...parseTemplate(text).definitions.keys()]));
}

/**
 * Looks through the templates of messages, in the settings of receivers and in files, for what is wrong whatever the alerts are: syntax, functions and variables
 * that there are not, templates that nobody defines; and for templates where none is filled in.
 * @param at where the receivers are
 * @param files those of `templates`, which can be parsed
 */
export function checkMessageTemplates(
  source: SourceDocument,
  at: readonly string[],
  files: readonly TemplateFile[],
): Problem[] {
  const known = namesIn(files);
  const isDefined = (name: string): boolean => known.has(name) || DEFAULT_NAME.test(name);
  const wrongIn = (text: string): string | undefined => checkTemplate(text, { variables: [''], isDefined });
  const problems: Problem[] = [];
  const say = (path: readonly (string | number)[], expected: string): void => {
    const place = { file: source.file, line: source.lineOf(path), path: source.formatPath(path) };
    problems.push({ ...place, expected, found: source.foundAt(path) });
  };
  const look = (value: unknown, path: readonly (string | number)[]): void => {
    if (Array.isArray(value)) value.forEach((entry, index) => look(entry, [...path, index]));
    else if (isMapping(value)) for (const [key, inner] of Object.entries(value)) look(inner, [...path, key]);
    else if (typeof value === 'string') {
      const wrong = wrongIn(value);
      if (wrong !== undefined) say(path, `a template that can be filled in (${wrong})`);
    }
  };
  const receivers = at.reduce<unknown>((value, key) => asMapping(value)[key], source.value);
  for (const [index, receiver] of mappingsIn(receivers))
    for (const kind of Object.keys(FILLED))
      for (const [place, config] of mappingsIn(receiver[kind])) {
        const path = [...at, index, kind, place];
        for (const key of FILLED[kind] ?? []) look(config[key], [...path, key]);
        for (const key of NOT_FILLED[kind] ?? [])
          if (textAt(config, key)?.includes('{{')) say([...path, key], 'no template (it is not filled in here)');
      }
  return [...problems, ...files.flatMap(({ file, text }) => wrongFile(file, wrongIn(text)))];
}

function wrongFile(file: string, wrong: string | undefined): Problem[] {
  return wrong === undefined ? [] : [{ file, line: 1, path: '', expected: 'a file of templates', found: wrong }];
}
