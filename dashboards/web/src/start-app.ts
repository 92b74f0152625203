import { createElement, render } from 'preact';
import './style/tokens.css';
import './style/base.css';
import './style/parts.css';
import './style/shell.css';
import { startLive } from './api/live.ts';
import { loadSession } from './api/session-api.ts';
import { App } from './shell/app.tsx';
import { listenToKeys } from './shell/keys.ts';
import { startClock } from './state/clock.ts';
import { startUrl } from './state/url.ts';

/** Starts the application in an element of the page. */
export function startApp(element: HTMLElement): void {
  startUrl();
  startClock();
  startLive();
  void loadSession();
  listenToKeys();
  render(createElement(App, {}), element);
}
