import { fileURLToPath } from 'node:url';
import { loadRuleGroups, type RuleGroup } from '@tocsin/service/config';

const FILE = fileURLToPath(new URL('../../rules/shipped.yaml', import.meta.url));

/** The rules that ship with Tocsin (`alerting/rules/shipped.yaml`). Their file shows as `(shipped)`, which no path of a user is. */
export function loadShippedGroups(): Promise<readonly RuleGroup[]> {
  return loadRuleGroups(FILE, '(shipped)');
}
