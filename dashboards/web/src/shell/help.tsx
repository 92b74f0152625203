import { useEffect, useRef } from 'preact/hooks';
import { session } from '../state/session.ts';
import { actorName, chooseActorName } from '../state/settings.ts';
import { isHelpOpen } from './keys.ts';
import { NAVIGATION } from './pages-table.ts';

/** The keys, over the page. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  const keys = [
    ['/', 'search'],
    ['r', 'ask anew'],
    ...NAVIGATION.map(({ key, text }) => [`g ${key}`, text]),
    ['?', 'these keys'],
  ];
  return (
    <dialog ref={dialog} class="help" aria-labelledby="keys" onClose={() => (isHelpOpen.value = false)}>
      <h2 id="keys">Keys</h2>
      <dl>
        {keys.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <ActorName />
      <button type="button" autofocus onClick={() => (isHelpOpen.value = false)}>
        Close
      </button>
    </dialog>
  );
}

/** Where nobody signs in: a name for what is done from here. */
function ActorName() {
  if (session.value?.isRequired !== false) return null;
  return (
    <label class="actor">
      Your name, for the audit log
      <input
        value={actorName.value}
        maxLength={100}
        placeholder="console"
        onChange={({ currentTarget: { value } }) => chooseActorName(value)}
      />
    </label>
  );
}
