import { scanRequest } from '../src/otlp/scan.ts';
import { ITEMS_PER_REQUEST } from './marks.ts';
import { makeTemplate } from './workload.ts';

/*
 * What the scan costs: `node collector/bench/scan.ts [rounds]`. CPU time, not wall time, so other work on the machine disturbs it
 * little; the best of several rounds.
 */
const [, , roundsText = '7'] = process.argv;
const REQUESTS_PER_ROUND = 400;
const bodies = Array.from({ length: 8 }, (_, seed) => makeTemplate('traces', seed).body);

function measureRound(): number {
  const before = process.cpuUsage();
  for (let count = 0; count < REQUESTS_PER_ROUND; count += 1) {
    const body = bodies[count % bodies.length] as Buffer;
    if (scanRequest('traces', body).status !== 'ok') throw new Error('the workload is malformed');
  }
  const { user, system } = process.cpuUsage(before);
  return (REQUESTS_PER_ROUND * ITEMS_PER_REQUEST) / ((user + system) / 1e6);
}

const rates = Array.from({ length: Number(roundsText) }, measureRound);
process.stdout.write(`scan  ${Math.round(Math.max(...rates))} spans a CPU-second (best of ${rates.length} rounds)\n`);
