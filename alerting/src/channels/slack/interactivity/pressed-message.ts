import type { LinkAction } from '../../../links/link-token.ts';
import { escapeSlack } from '../slack-body.ts';
import { BUTTONS, fieldsOf } from './press.ts';

/** The message without the buttons of what has been done, with a line that says what has. */
export function pressedMessage(
  message: Readonly<Record<string, unknown>>,
  action: LinkAction,
  sentence: string,
): object {
  const { text, attachments } = message;
  const list = Array.isArray(attachments) ? (attachments as unknown[]).map(fieldsOf) : [];
  const at = list.findIndex(({ blocks }) => hasButtons(blocks));
  const done = { type: 'context', elements: [{ type: 'mrkdwn', text: `:white_check_mark: ${escapeSlack(sentence)}` }] };
  const changed =
    at === -1
      ? [...list, { blocks: [done] }]
      : list.map((one, place) =>
          place === at ? { ...one, blocks: withoutButtons(one['blocks'], action, done) } : one,
        );
  return { replace_original: true, text: typeof text === 'string' ? text : '', attachments: changed };
}

function hasButtons(blocks: unknown): boolean {
  return Array.isArray(blocks) && (blocks as unknown[]).some((block) => fieldsOf(block)['type'] === 'actions');
}

function withoutButtons(blocks: unknown, action: LinkAction, done: object): object[] {
  return (blocks as unknown[]).map(fieldsOf).flatMap((block) => {
    const { type, elements } = block;
    if (type !== 'actions' || !Array.isArray(elements)) return [block];
    const left = (elements as unknown[]).filter((element) => actionOf(fieldsOf(element)['action_id']) !== action);
    return [done, ...(left.length === 0 ? [] : [{ ...block, elements: left }])];
  });
}

function actionOf(id: unknown): LinkAction | undefined {
  return typeof id === 'string' && Object.hasOwn(BUTTONS, id) ? BUTTONS[id as keyof typeof BUTTONS].action : undefined;
}
