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
  const { objectClassName, ldhName, status, events, entities } = domain;
  if (typeof objectClassName !== 'string' || objectClassName.toLowerCase() !== 'domain') return undefined;
  const expiry = listObjects(events).find(({ eventAction }) => eventAction === 'expiration')?.['eventDate'];
  const expiresUnixS = typeof expiry === 'string' ? Date.parse(expiry) / 1_000 : Number.NaN;
  const registrar = listObjects(entities).find(({ roles }) => listTexts(roles).includes('registrar'));
  return {
    domain: typeof ldhName === 'string' ? ldhName.toLowerCase().replace(/\.$/, '') : '',
    statuses: listTexts(status).map((each) => each.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()),
    expiresUnixS: Number.isNaN(expiresUnixS) ? undefined : expiresUnixS,
    registrar: registrar === undefined ? [] : readRegistrar(registrar),
  };
}

/** The formatted name of the card (RFC 7095), the registry's handle, and public numbers such as IANA's. */
function readRegistrar({ vcardArray, handle, publicIds }: Json): string[] {
  const properties = Array.isArray(vcardArray) ? (vcardArray[1] as unknown) : undefined;
  const names = (Array.isArray(properties) ? (properties as unknown[]) : []).flatMap((property) => {
    const [name, , , value] = Array.isArray(property) ? (property as unknown[]) : [];
    return (name === 'fn' || name === 'org') && typeof value === 'string' && value !== '' ? [value] : [];
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

function listTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
