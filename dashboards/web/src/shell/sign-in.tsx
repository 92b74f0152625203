import { useState } from 'preact/hooks';
import { signIn } from '../api/session-api.ts';
import { Notice } from '../parts/notices.tsx';
import { useTitle } from './use-title.ts';

/** Name and password; the page of the address shows as soon as they are right. */
export function SignIn() {
  const [message, setMessage] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  useTitle('Sign in');
  return (
    <form
      class="sign-in panel"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        const [name, password] = ['name', 'password'].map((field) => textOf(data, field));
        setBusy(true);
        void signIn(name ?? '', password ?? '').then((failure) => {
          setBusy(false);
          setMessage(failure?.message);
        });
      }}
    >
      <h1>Sign in</h1>
      {message !== undefined && <Notice>{message}</Notice>}
      <label>
        Name
        <input name="name" autocomplete="username" required autofocus />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <button type="submit" class="primary" disabled={isBusy}>
        {isBusy ? 'Looking …' : 'Sign in'}
      </button>
      <p class="soft small">
        Names and passwords are in <code>tocsin.yaml</code>, <code>console.users</code>;{' '}
        <code>npx tocsin password</code> makes the lines for one.
      </p>
    </form>
  );
}

function textOf(data: FormData, field: string): string {
  const value = data.get(field);
  return typeof value === 'string' ? value : '';
}
