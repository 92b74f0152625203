import { session } from '../state/session.ts';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Outlet } from './outlet.tsx';
import { SignIn } from './sign-in.tsx';

/** The whole window. */
export function App() {
  const who = session.value;
  return (
    <>
      <a class="skip" href="#main">
        To the page
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        {who === undefined ? <p class="loading">Loading …</p> : who.user ? <Outlet /> : <SignIn />}
      </main>
      <Help />
    </>
  );
}
