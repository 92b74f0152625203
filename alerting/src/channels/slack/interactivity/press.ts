import type { LinkAction } from '../../../links/link-token.ts';

/** Somebody has pressed a button of ours. */
export interface Press {
  readonly action: LinkAction;
  /** The signed link that the button carries. */
  readonly token: string;
  /** Of a silence. */
  readonly durationMs: number;
  readonly userId: string;
  readonly userName: string;
  /** Where Slack takes what becomes of the message; works for half an hour. */
  readonly responseUrl: string;
  /** The message as Slack shows it. */
  readonly message: Readonly<Record<string, unknown>>;
}

/** The buttons: their names for Slack, what they say, and for how long they silence. */
export const BUTTONS = {
  'tocsin-acknowledge': { action: 'acknowledge', label: 'Acknowledge', durationMs: 0 },
  'tocsin-silence-1h': { action: 'silence', label: 'Silence 1h', durationMs: 3_600_000 },
  'tocsin-silence-24h': { action: 'silence', label: 'Silence 24h', durationMs: 86_400_000 },
} as const satisfies Readonly<Record<string, { action: LinkAction; label: string; durationMs: number }>>;

/** `ignored`: something else was pressed, such as a button that is a link. */
export function readPress(body: string): Press | 'malformed' | 'ignored' {
  const payload = parse(new URLSearchParams(body).get('payload') ?? '');
  if (!payload) return 'malformed';
  const { type, user, actions, response_url: responseUrl, message } = payload;
  if (type !== 'block_actions') return 'ignored';
  const [first] = Array.isArray(actions) ? (actions as unknown[]) : [];
  const { action_id: id, value: token } = fieldsOf(first);
  const button = typeof id === 'string' && Object.hasOwn(BUTTONS, id) ? BUTTONS[id as keyof typeof BUTTONS] : undefined;
  if (!button || typeof token !== 'string') return 'ignored';
  const { id: userId, username, name } = fieldsOf(user);
  if (typeof userId !== 'string' || typeof responseUrl !== 'string') return 'malformed';
  const userName = [username, name, userId].find((one): one is string => typeof one === 'string' && one.trim() !== '');
  const { action, durationMs } = button;
  return { action, durationMs, token, userId, userName: userName ?? userId, responseUrl, message: fieldsOf(message) };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
