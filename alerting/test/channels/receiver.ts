import type { Receiver } from '@tocsin/service/config';
import { readConfig } from '../notify/scenario.ts';

/** A receiver `team` with these settings, read as the services do. @param settings the keys of the receiver as YAML */
export async function readReceiver(settings: string, global = '{}'): Promise<Receiver> {
  const indented = settings.trim().replace(/^/gm, '      ');
  const config = await readConfig(
    `alerting:\n  allow_exec: true\n  global: ${global}\n  receivers:\n    - name: team\n${indented}\n`,
  );
  const [receiver] = config.alerting.receivers;
  if (!receiver) throw new Error('no receiver');
  return receiver;
}
