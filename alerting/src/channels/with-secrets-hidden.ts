import type { Channel, DeliveryResult } from './channel.ts';

/** Shorter ones would black out ordinary words. */
const MIN_SECRET_LENGTH = 4;

/**
 * The channel with its secrets blacked out of whatever it says, also where the other side echoes them; and with anything it
 * throws (a fault in our own code) turned into a failed delivery that does not repeat the error's text.
 */
export function withSecretsHidden(channel: Channel, secrets: readonly string[]): Channel {
  const hidden = secretForms(secrets);
  return {
    close: () => channel.close(),
    async send(notification, signal) {
      let result: DeliveryResult;
      try {
        result = await channel.send(notification, signal);
      } catch (error) {
        const name = error instanceof Error ? error.name : 'error';
        result = { status: 'failed', reason: 'internal_error', detail: `The channel threw ${name}.` };
      }
      if (result.detail === undefined) return result;
      return { ...result, detail: hideSecrets(result.detail, hidden) };
    },
  };
}

/** Each secret as it is, in base64 and percent-encoded; longest first. */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = secrets
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .flatMap((secret) => [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

/** A quotation may have been cut inside a secret. */
function hideBeginning(text: string, form: string): string {
  if (!text.endsWith('…')) return text;
  for (let length = form.length - 1; length >= MIN_SECRET_LENGTH; length -= 1)
    if (text.endsWith(`${form.slice(0, length)}…`)) return `${text.slice(0, -length - 1)}[hidden]…`;
  return text;
}

function hideSecrets(text: string, forms: readonly string[]): string {
  return forms.reduce((rest, form) => hideBeginning(rest.replaceAll(form, '[hidden]'), form), text);
}
