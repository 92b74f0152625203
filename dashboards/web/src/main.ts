import { startApp } from './start-app.ts';

startApp(document.getElementById('app') ?? document.body);
