import { silentLogger } from '@tocsin/service/log';
import { expect, test } from 'vitest';
import type { ChartPicture } from '../../src/channels/chart/chart.ts';
import { createNotifier } from '../../src/notify/notifier.ts';
import { openDatabase } from '../../src/store/database.ts';
import { risingPoints, sampleAlert } from '../channels/sample.ts';
import { readConfig, START_MS } from './scenario.ts';

test('the first message of an alert has a chart: of stored data, for nothing is remembered yet', async () => {
  const config = await readConfig(
    'alerting:\n  route: { receiver: team, group_wait: 0s }\n  receivers: [{ name: team, slack_configs: [{ api_url: "http://127.0.0.1:1/x" }] }]',
  );
  const database = openDatabase(':memory:');
  const asked: string[] = [];
  const shown: (ChartPicture | undefined)[] = [];
  const notifier = createNotifier({
    database,
    log: silentLogger(),
    now: () => START_MS,
    stored: {
      seriesOf: ({ fingerprint }) => {
        asked.push(fingerprint);
        return Promise.resolve({ points: risingPoints(30), title: 'Response time' });
      },
    },
    listChannels: ({ name }) => [
      {
        receiver: name,
        kind: 'slack',
        index: 0,
        sendResolved: true,
        open: ({ charts }) => ({
          async send(notification) {
            shown.push(await charts?.pictureOf(notification));
            return { status: 'ok' };
          },
          close: () => Promise.resolve(),
        }),
      },
    ],
  });
  notifier.apply(config, START_MS);
  notifier.sink.putAlerts(
    [{ ...sampleAlert(), fingerprint: 'f1', startsAtMs: START_MS, updatedAtMs: START_MS }],
    START_MS,
  );
  while (notifier.tick(START_MS));
  await notifier.idle();
  await notifier.stop(0);
  database.close();
  expect(asked).toEqual(['f1']);
  expect(shown).toMatchObject([{ description: 'Response time' }]);
});
