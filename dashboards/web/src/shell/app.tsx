import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Outlet } from './outlet.tsx';

/** The whole window. */
export function App() {
  return (
    <>
      <a class="skip" href="#main">
        To the page
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <Help />
    </>
  );
}
