import { flag } from '../scalars.ts';

/** `send_resolved` is on by default here (Alertmanager: off for e-mail and Slack): who was woken is told when it is over. */
export const sendResolved = flag.default(true);
