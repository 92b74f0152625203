import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
export type Zone = 'local' | 'utc';

const KEYS = { theme: 'tocsin.theme', zone: 'tocsin.zone', name: 'tocsin.name' } as const;

/** The colours that were chosen; `system` follows the system's. */
export const theme = signal<Theme>(readOne(KEYS.theme, ['light', 'dark'], 'system'));
/** In which zone times are written. */
export const zone = signal<Zone>(readOne(KEYS.zone, ['utc'], 'local'));

/** Who sits here, for the audit log where nobody signs in; empty: the console. */
export const actorName = signal(typeof document === 'undefined' ? '' : (localStorage.getItem(KEYS.name) ?? ''));

/** Says who sits here, and remembers it in this browser. */
export function chooseActorName(next: string): void {
  actorName.value = next.trim().slice(0, 100);
  if (actorName.value === '') localStorage.removeItem(KEYS.name);
  else localStorage.setItem(KEYS.name, actorName.value);
}

/** Chooses colours, and remembers it in this browser. */
export function chooseTheme(next: Theme): void {
  theme.value = next;
  if (next === 'system') {
    delete document.documentElement.dataset['theme'];
    localStorage.removeItem(KEYS.theme);
  } else {
    document.documentElement.dataset['theme'] = next;
    localStorage.setItem(KEYS.theme, next);
  }
}

/** Chooses the zone of times, and remembers it in this browser. */
export function chooseZone(next: Zone): void {
  zone.value = next;
  if (next === 'local') localStorage.removeItem(KEYS.zone);
  else localStorage.setItem(KEYS.zone, next);
}

function readOne<Value extends string, Default extends string>(
  key: string,
  known: readonly Value[],
  otherwise: Default,
): Value | Default {
  const text = typeof document === 'undefined' ? null : localStorage.getItem(key);
  return known.find((one) => one === text) ?? otherwise;
}
