import { session } from '../state/session.ts';
import { type ApiFailure, callApi } from './call-api.ts';

/** Asks who is signed in; until the console answers it is asked again. */
export async function loadSession(): Promise<void> {
  const given = await callApi('GET /api/v1/session', {});
  if (given.status === 'ok') session.value = given.value;
  else setTimeout(() => void loadSession(), AGAIN_MS);
}

const AGAIN_MS = 3_000;

/** Signs in. @returns why not */
export async function signIn(name: string, password: string): Promise<ApiFailure | undefined> {
  const given = await callApi('POST /api/v1/session', { name, password });
  if (given.status !== 'ok') return given;
  session.value = given.value;
  return undefined;
}

/** Signs out. @returns why not */
export async function signOut(): Promise<ApiFailure | undefined> {
  const given = await callApi('DELETE /api/v1/session', {});
  if (given.status !== 'ok') return given;
  session.value = given.value;
  return undefined;
}
