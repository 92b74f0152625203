import { expect, test } from 'vitest';
import { composeSlackMessage } from '../../src/channels/slack/slack-message.ts';
import { readReceiver } from './receiver.ts';
import { CONSOLE_URL, sampleNotification } from './sample.ts';

async function compose(settings: string) {
  const { slackConfigs } = await readReceiver(`slack_configs: [{ api_url: "http://127.0.0.1:1/x", ${settings} }]`);
  return composeSlackMessage(slackConfigs[0]!, sampleNotification(), { consoleUrl: CONSOLE_URL });
}

test('message_text stands above the message, ours or one in other words', async () => {
  const text = 'message_text: "{{ .CommonLabels.service }} <!here>"';
  const ours = await compose(text);
  expect(ours.text).toBe('shop <!here>');
  expect(JSON.stringify(ours.attachments)).toContain('1 alert is firing.');
  expect(await compose(`${text}, title: Down`)).toMatchObject({
    text: 'shop <!here>',
    attachments: [{ title: 'Down' }],
  });
});

test('callback_id, mrkdwn_in and a button that asks first come as they are written', async () => {
  const { attachments } = await compose(
    'callback_id: "cb-{{ .Receiver }}", mrkdwn_in: [text], actions: [{ type: button, text: Fix, name: fix, value: "{{ .GroupKey }}", confirm: { text: "Sure?", ok_text: "Yes" } }, { type: button, text: Look }]',
  );
  expect(attachments).toMatchObject([{ callback_id: 'cb-team', mrkdwn_in: ['text'] }]);
  const [fix, look] = (attachments[0] as { actions: object[] }).actions;
  expect(fix).toEqual({
    type: 'button',
    text: 'Fix',
    name: 'fix',
    value: '{}:{alertname="HighErrorRate"}',
    confirm: { text: 'Sure?', ok_text: 'Yes' },
  });
  expect(look).toEqual({ type: 'button', text: 'Look', url: CONSOLE_URL });
});
