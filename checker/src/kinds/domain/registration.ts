import { domainToASCII } from 'node:url';

/** What RDAP says of a domain. */
export interface Registration {
  readonly domain: string;
  /** As RFC 8056 has them, `client hold`. */
  readonly statuses: readonly string[];
  /** Unix time in seconds; `undefined` where the registry does not say. */
  readonly expiresUnixS: number | undefined;
  /** Names and numbers of the registrar; empty where the registry does not say. */
  readonly registrar: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads an answer to a domain query. Source: RFC 9083, sections 4.5 (events), 4.6 (status), 5.1 (entities) and 5.3 (domains).
 * @returns `undefined` for a document that is none
 */
export function readRegistration(document: unknown): Registration | undefined {
  const domain = asObject(document);
  const { objectClassName, ldhName, unicodeName, status, events, entities } = domain;
  if (typeof objectClassName !== 'string' || objectClassName.toLowerCase() !== 'domain') return undefined;
  const registrar = listObjects(entities).find(({ roles }) => listTexts(roles).includes('registrar'));
  return {
    domain: readName(ldhName) || readName(unicodeName),
    statuses: listTexts(status).map((each) => each.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()),
    expiresUnixS: readExpiry(events),
    registrar: registrar === undefined ? [] : readRegistrar(registrar),
  };
}

/** A name in the form of the DNS; some registries give that of people as `ldhName`. */
function readName(name: unknown): string {
  return typeof name === 'string' ? domainToASCII(name.replace(/\.$/, '')).toLowerCase() : '';
}

/** The registry's word goes before the registrar's, where both are told. */
const EXPIRIES = ['expiration', 'registrar expiration'];

/** RFC 9083, section 4.5: dates of RFC 3339. One without a zone is UTC, as the protocol registries took it from says (RFC 5731, section 2.4). */
function readExpiry(events: unknown): number | undefined {
  for (const wanted of EXPIRIES) {
    const found = listObjects(events).filter(({ eventAction }) => String(eventAction).toLowerCase() === wanted);
    for (const { eventDate } of found) {
      if (typeof eventDate !== 'string') continue;
      const written = eventDate.trim().replace(' ', 'T');
      const hasZone = /(?:z|[+-]\d{2}:?\d{2})$/i.test(written) || !written.includes('T');
      const unixS = Date.parse(hasZone ? written : `${written}Z`) / 1_000;
      if (!Number.isNaN(unixS)) return unixS;
    }
  }
  return undefined;
}

/** The formatted name of the card (RFC 7095), the registry's handle, and public numbers such as IANA's. */
function readRegistrar({ vcardArray, handle, publicIds }: Json): string[] {
  const properties = Array.isArray(vcardArray) ? (vcardArray[1] as unknown) : undefined;
  const names = (Array.isArray(properties) ? (properties as unknown[]) : []).flatMap((property) => {
    const [name, , , value] = Array.isArray(property) ? (property as unknown[]) : [];
    // A structured value (RFC 7095, section 3.3.1.3): an organisation and its units.
    const [text] = [value].flat();
    return (name === 'fn' || name === 'org') && typeof text === 'string' && text !== '' ? [text] : [];
  });
  const numbers = listObjects(publicIds).map(({ identifier }) => identifier);
  return [
    ...new Set([...names, handle, ...numbers].filter((each) => typeof each === 'string' && each !== '')),
  ] as string[];
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function listObjects(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

/** A single text stands for a list of it: not every registry makes one. */
function listTexts(value: unknown): string[] {
  return [value].flat().filter((each) => typeof each === 'string');
}
