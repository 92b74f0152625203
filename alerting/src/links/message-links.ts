import type { MessageLinks } from '../channels/channel.ts';
import { formatTitle } from '../channels/content.ts';
import type { Notification } from '../notify/notification.ts';
import type { LinkActions } from './link-routes.ts';
import type { LinkStore } from './link-store.ts';
import { type LinkAction, signLink } from './link-token.ts';

/** How long a link works. */
export const LINK_LIFETIME_MS = 24 * 3_600_000;

/**
 * Makes the links of messages; only those behind which something stands.
 * @param baseUrl alerting's API as people reach it, without a slash at the end
 */
export function createMessageLinks(
  store: LinkStore,
  baseUrl: string,
  actions: LinkActions,
): (notification: Notification) => MessageLinks {
  return (notification) => {
    if (!actions.acknowledge && !actions.silence) return {};
    const { id, receiver, groupKey, groupLabels, commonLabels, createdAtMs } = notification;
    const expiresAtMs = createdAtMs + LINK_LIFETIME_MS;
    // Without a label in common a silence would be of everything: then of the group's.
    const labels = Object.keys(commonLabels).length === 0 ? groupLabels : commonLabels;
    store.save(id, { receiver, groupKey, labels, title: formatTitle(notification) }, expiresAtMs);
    const link = (action: LinkAction): string | undefined =>
      actions[action] && `${baseUrl}/links/${signLink({ action, notificationId: id, expiresAtMs }, store.key)}`;
    return { acknowledge: link('acknowledge'), silence: link('silence') };
  };
}
