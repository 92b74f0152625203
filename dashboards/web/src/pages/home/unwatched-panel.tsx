import type { Part } from '../../../../src/part-types.ts';
import { PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';

const SHOWN = 20;

/** Services that nothing of the user's own watches yet; nothing where there is none. */
export function UnwatchedPanel({ unwatched }: { readonly unwatched: Part<readonly string[]> | undefined }) {
  if (!unwatched || unwatched.status !== 'ok' || unwatched.value.length === 0) return null;
  return (
    <Panel title="Not watched yet">
      <PartOf part={unwatched}>
        {(services) => (
          <>
            <ul class="labels">
              {services.slice(0, SHOWN).map((service) => (
                <li key={service}>
                  <bdi>{service}</bdi>
                </li>
              ))}
              {services.length > SHOWN && <li>and {services.length - SHOWN} more</li>}
            </ul>
            <p class="soft small">
              No monitor reaches {services.length === 1 ? 'it' : 'them'} and no rule or objective of yours names{' '}
              {services.length === 1 ? 'it' : 'them'}: only the rules that come with Tocsin look at every service. Add
              to <code>monitors</code> an address of {services.length === 1 ? 'it' : 'each'}, or to{' '}
              <code>rule_files</code> a rule.
            </p>
          </>
        )}
      </PartOf>
    </Panel>
  );
}
