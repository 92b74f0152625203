import type { MessageLinks } from '../channels/channel.ts';
import { formatTitle } from '../channels/content.ts';
import type { Notification } from '../notify/notification.ts';
import type { LinkStore } from './link-store.ts';
import { type LinkAction, signLink } from './link-token.ts';

/** How long a link works. */
export const LINK_LIFETIME_MS = 24 * 3_600_000;

/** Makes the links of messages. @param baseUrl alerting's API as people reach it, without a slash at the end */
export function createMessageLinks(store: LinkStore, baseUrl: string): (notification: Notification) => MessageLinks {
  return (notification) => {
    const { id, receiver, groupKey, groupLabels, commonLabels, createdAtMs } = notification;
    const expiresAtMs = createdAtMs + LINK_LIFETIME_MS;
    // Without a label in common a silence would be of everything: then of the group's.
    const labels = Object.keys(commonLabels).length === 0 ? groupLabels : commonLabels;
    store.save(id, { receiver, groupKey, labels, title: formatTitle(notification) }, expiresAtMs);
    const link = (action: LinkAction): string =>
      `${baseUrl}/links/${signLink({ action, notificationId: id, expiresAtMs }, store.key)}`;
    return { acknowledge: link('acknowledge'), silence: link('silence') };
  };
}
