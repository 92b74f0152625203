import type { Rule } from '../../../../src/rules/rule-types.ts';
import { formatAgo, formatDurationMs } from '../../../../src/html/format.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Empty } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { askedAtMs } from '../../state/clock.ts';
import { query, setQuery } from '../../state/url.ts';

const STATES: Readonly<Record<Rule['state'], { readonly tone: Tone; readonly text: string }>> = {
  firing: { tone: 'down', text: 'Firing' },
  pending: { tone: 'unknown', text: 'Pending' },
  inactive: { tone: 'up', text: 'Quiet' },
};

/** Where a rule's own page is. */
export function rulePath({ group, name }: Pick<Rule, 'group' | 'name'>): string {
  return `/rule/${encodeURIComponent(group)}/${encodeURIComponent(name)}`;
}

/** How a rule is: what it says, or that it cannot be asked. */
export function RuleBadge({ rule: { state, health } }: { readonly rule: Pick<Rule, 'state' | 'health'> }) {
  if (health === 'failing') return <StateBadge tone="unknown">Failing</StateBadge>;
  const { tone, text } = STATES[state];
  return <StateBadge tone={tone}>{text}</StateBadge>;
}

/** Every rule with what it says now. */
export function RulesView() {
  const rules = useApi('GET /api/v1/rules', {});
  const wanted = (query.value.get('q') ?? '').toLowerCase();
  return (
    <Panel
      title="Rules"
      aside={
        <input
          type="search"
          data-search
          aria-label="Only rules with this in their name or group"
          placeholder="name or group"
          value={query.value.get('q') ?? ''}
          onInput={(event) => setQuery({ q: event.currentTarget.value }, { replace: true })}
        />
      }
    >
      <Asked loaded={rules}>
        {(list) =>
          list.length === 0 ? (
            <Empty title="There are no rules">
              <p>
                Tocsin ships some; <code>shipped_rules: false</code> switches them off. Your own are named in{' '}
                <code>rule_files</code>.
              </p>
            </Empty>
          ) : (
            <Table rules={list.filter(({ name, group }) => `${group} ${name}`.toLowerCase().includes(wanted))} />
          )
        }
      </Asked>
    </Panel>
  );
}

function Table({ rules }: { readonly rules: readonly Rule[] }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Rule</th>
          <th scope="col" class="number">
            Alerts
          </th>
          <th scope="col" class="number">
            Every
          </th>
          <th scope="col" class="number">
            Evaluated
          </th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <tr key={`${rule.file}/${rule.group}/${rule.name}`}>
            <td>
              <RuleBadge rule={rule} />
            </td>
            <td>
              <a class="name" href={rulePath(rule)}>
                <bdi>{rule.name}</bdi>
              </a>
              <div class="soft small">
                <bdi>{rule.group}</bdi>
                {rule.error !== undefined && (
                  <>
                    {' '}
                    · <bdi>{rule.error}</bdi>
                  </>
                )}
              </div>
            </td>
            <td class="number" data-label="Alerts">
              {rule.alerts.length}
            </td>
            <td class="number" data-label="Every">
              {formatDurationMs(rule.intervalMs)}
            </td>
            <td class="number" data-label="Evaluated">
              {rule.evaluatedAt === undefined ? (
                'not yet'
              ) : (
                <Moment atMs={rule.evaluatedAt} text={formatAgo(rule.evaluatedAt, askedAtMs.value)} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
