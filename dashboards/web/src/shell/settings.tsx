import { chooseTheme, chooseZone, theme, type Theme, zone } from '../state/settings.ts';
import { isLive } from '../api/live.ts';
import { signOut } from '../api/session-api.ts';
import { mayAsk, session } from '../state/session.ts';
import { viewerZone, zoneName } from '../words/moment.ts';
import { ConfigurationState } from './configuration.tsx';
import { isHelpOpen } from './keys.ts';

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
const SIGNS: Readonly<Record<Theme, string>> = { system: '◐', light: '○', dark: '●' };

/** Whether changes come by themselves, the zone of times, colours, help. */
export function Settings() {
  const name = zone.value === 'utc' ? 'UTC' : zoneName(viewerZone(), Date.now());
  return (
    <div class="settings">
      {mayAsk.value && (
        <span
          class={`live ${isLive.value ? 'on' : 'off'}`}
          role="status"
          title={isLive.value ? 'Changes show by themselves' : 'No connection for changes; it is tried again'}
        >
          {isLive.value ? 'live' : 'not live'}
        </span>
      )}
      {mayAsk.value && <ConfigurationState />}
      <button
        type="button"
        onClick={() => chooseZone(zone.value === 'utc' ? 'local' : 'utc')}
        title={`Times are in ${zone.value === 'utc' ? 'UTC' : viewerZone()}; change`}
        aria-label={`Zone of times: ${name}`}
      >
        {name}
      </button>
      <button
        type="button"
        onClick={() => chooseTheme(NEXT[theme.value])}
        title={`Colours: ${theme.value}; change`}
        aria-label={`Colours: ${theme.value}`}
      >
        <span aria-hidden="true">{SIGNS[theme.value]}</span>
      </button>
      <button type="button" onClick={() => (isHelpOpen.value = true)} title="Keys (?)" aria-label="Keys">
        ?
      </button>
      <Who />
    </div>
  );
}

/** Who is signed in, where one has to. */
function Who() {
  const who = session.value;
  if (!who?.isRequired || !who.user) return null;
  const { name, role } = who.user;
  return (
    <button type="button" onClick={() => void signOut()} title={`Signed in as ${name} (${role})`}>
      Sign out <bdi>{name}</bdi>
    </button>
  );
}
