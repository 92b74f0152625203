import { positiveDuration, text } from '../../scalars.ts';
import { sendResolved } from '../send-resolved.ts';
import { httpConfig } from './http-config.ts';

/** The settings that every HTTP channel has. */
export const everyHttpChannel = {
  send_resolved: sendResolved,
  http_config: httpConfig.optional(),
  timeout: positiveDuration.optional(),
};

/** A text of Alertmanager with actions in `{{ }}`; filled in for each message. `undefined`: our own words. */
export const template = text.optional();
