import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, loadConfig } from '@tocsin/service/config';
import { describeGaps } from '@tocsin/service/on-call';
import { EXIT } from './exit-codes.ts';

/**
 * `check-config [FILE]`: loads the configuration as a start would, and does nothing else. The report of what is wrong goes to standard
 * error; when nobody is on call is a warning. @returns the exit code: 0 good, 2 not
 */
export async function checkConfig(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  const workingDir = host.cwd();
  const [named, ...more] = args;
  const byDefault = existsSync(join(workingDir, 'tocsin.yaml')) ? 'tocsin.yaml' : undefined;
  const file = named ?? (host.env['TOCSIN_CONFIG'] || byDefault);
  if (file === undefined || more.length > 0 || file.startsWith('-')) {
    host.stderr.write('Usage: npx tocsin check-config [FILE]\n');
    return EXIT.badConfiguration;
  }
  try {
    const { monitors, ruleGroups, slos, alerting, oncall } = await loadConfig({ file, env: host.env, workingDir });
    const rules = ruleGroups.reduce((sum, group) => sum + group.rules.length, 0);
    host.stdout.write(
      `${file}: good. Monitors: ${monitors.length}, rules: ${rules} in ${ruleGroups.length} groups, SLOs: ${slos.length}, receivers: ${alerting.receivers.length}.\n`,
    );
    for (const schedule of oncall.schedules) {
      const { gaps } = describeGaps(schedule, [], Date.now());
      if (gaps.length > 0)
        host.stdout.write(
          `warning: nobody on call for ${schedule.name} in the next four weeks (${schedule.timeZone}): ${gaps.join('; ')}.\n`,
        );
    }
    return EXIT.stopped;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { length } = error.problems;
    host.stderr.write(`${error.message}\n${length} ${length === 1 ? 'problem' : 'problems'}.\n`);
    return EXIT.badConfiguration;
  }
}
