import { expect, test } from 'vitest';
import { fingerprintOf } from '../../src/fingerprint.ts';
import { createRehearsal } from '../../src/rules-command/backtest/messages.ts';
import { openDatabase } from '../../src/store/database.ts';
import { readConfig, START_MS } from '../notify/scenario.ts';
import { DOWN, USUAL } from '../oncall/desk-scenario.ts';

test('an escalation of a rehearsal is taken on by whoever is told, and told again when the acknowledgement ends', async () => {
  const database = openDatabase(':memory:');
  const rehearsal = createRehearsal(await readConfig(`alerting:\n${USUAL}`), database, START_MS);
  const alert = {
    fingerprint: fingerprintOf(DOWN),
    labels: DOWN,
    annotations: {},
    startsAtMs: START_MS,
    updatedAtMs: START_MS,
    generatorUrl: '',
  };
  rehearsal.sink.putAlerts([{ ...alert, endsAtMs: undefined }], START_MS);
  await rehearsal.advanceTo(START_MS + 90 * 60_000);
  rehearsal.sink.putAlerts([{ ...alert, endsAtMs: START_MS + 90 * 60_000 }], START_MS + 90 * 60_000);
  await rehearsal.advanceTo(START_MS + 100 * 60_000);
  expect(rehearsal.list().map(({ channel, status }) => `${channel} ${status}`)).toEqual([
    'ana-phone/slack/0 firing',
    'ana-phone/slack/0 firing',
    'ana-phone/slack/0 resolved',
  ]);
  await rehearsal.stop();
  database.close();
});
