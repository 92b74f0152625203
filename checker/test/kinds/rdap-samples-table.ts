/** An answer to a domain query in the form of one kind of registry (RFC 9083; ICANN's RDAP Response Profile), and what is in it. */
export interface RdapSample {
  readonly domain: string;
  readonly answer: object;
  readonly means: {
    readonly expires?: string;
    readonly statuses: readonly string[];
    readonly registrar: readonly string[];
  };
}

const card = (...properties: readonly (readonly unknown[])[]): object => ({
  vcardArray: ['vcard', [['version', {}, 'text', '4.0'], ...properties]],
});
const notices = [
  {
    title: 'Terms of Use',
    description: ['Service subject to Terms of Use.'],
    links: [{ href: 'https://registry.test/' }],
  },
  { title: 'Status Codes', description: ['For more information on domain status codes'] },
];

export const RDAP_SAMPLES: Readonly<Record<string, RdapSample>> = {
  'a thin registry: capitals, the registrar with its number and an abuse contact inside, expiration between other events':
    {
      domain: 'example.com',
      answer: {
        objectClassName: 'domain',
        handle: '2336799_DOMAIN_COM-VRSN',
        ldhName: 'EXAMPLE.COM',
        links: [{ value: 'https://r.test/', rel: 'self', href: 'https://r.test/', type: 'application/rdap+json' }],
        status: ['client delete prohibited', 'client transfer prohibited', 'client update prohibited'],
        entities: [
          {
            objectClassName: 'entity',
            handle: '9999',
            roles: ['registrar'],
            publicIds: [{ type: 'IANA Registrar ID', identifier: '9999' }],
            ...card(['fn', {}, 'text', 'Registrar, Inc.']),
            entities: [{ objectClassName: 'entity', roles: ['abuse'], ...card(['fn', {}, 'text', '']) }],
          },
        ],
        events: [
          { eventAction: 'registration', eventDate: '1995-08-14T04:00:00Z' },
          { eventAction: 'expiration', eventDate: '2099-08-13T04:00:00Z' },
          { eventAction: 'last changed', eventDate: '2025-08-14T07:01:39Z' },
          { eventAction: 'last update of RDAP database', eventDate: '2026-01-01T00:00:00Z' },
        ],
        secureDNS: { delegationSigned: true },
        rdapConformance: ['rdap_level_0', 'icann_rdap_technical_implementation_guide_1'],
        notices,
      },
      means: {
        expires: '2099-08-13T04:00:00.000Z',
        statuses: ['client delete prohibited', 'client transfer prohibited', 'client update prohibited'],
        registrar: ['Registrar, Inc.', '9999'],
      },
    },
  'a thick registry: contacts before the registrar, several roles, fractions of seconds, redacted fields': {
    domain: 'example.org',
    answer: {
      objectClassName: 'domain',
      ldhName: 'example.org',
      unicodeName: 'example.org',
      status: ['server delete prohibited', 'auto renew period'],
      entities: [
        {
          objectClassName: 'entity',
          roles: ['registrant'],
          ...card(['fn', {}, 'text', ''], ['org', {}, 'text', 'Owner']),
        },
        { objectClassName: 'entity', roles: ['technical', 'administrative'], handle: 'REDACTED' },
        {
          objectClassName: 'entity',
          handle: '146',
          roles: ['sponsor', 'registrar'],
          ...card(['fn', {}, 'text', 'Domains, LLC'], ['org', { type: 'work' }, 'text', ['Domains, LLC', 'Sales']]),
        },
      ],
      events: [{ eventAction: 'Expiration', eventDate: '2099-08-30T18:03:21.123Z' }],
      redacted: [{ name: { type: 'Registrant Name' }, method: 'emptyValue' }],
      rdapConformance: ['rdap_level_0', 'redacted'],
    },
    means: {
      expires: '2099-08-30T18:03:21.123Z',
      statuses: ['server delete prohibited', 'auto renew period'],
      registrar: ['Domains, LLC', '146'],
    },
  },
  'a registry of a country: no registrar, an offset, a last dot, status of EPP': {
    domain: 'exemplo.com.br',
    answer: {
      objectClassName: 'domain',
      handle: 'exemplo.com.br',
      ldhName: 'exemplo.com.br.',
      status: ['active', 'clientHold'],
      events: [{ eventAction: 'expiration', eventDate: '2099-05-14T00:00:00-03:00' }],
      entities: [{ objectClassName: 'entity', handle: '05506560000136', roles: ['registrant'] }],
    },
    means: { expires: '2099-05-14T03:00:00.000Z', statuses: ['active', 'client hold'], registrar: [] },
  },
  'a registry that tells no expiration': {
    domain: 'beispiel.de',
    answer: {
      objectClassName: 'domain',
      ldhName: 'beispiel.de',
      status: ['active'],
      events: [{ eventAction: 'last changed', eventDate: '2020-01-01T00:00:00+01:00' }],
      nameservers: [{ objectClassName: 'nameserver', ldhName: 'ns1.beispiel.de' }],
    },
    means: { statuses: ['active'], registrar: [] },
  },
  'a registrar: its own expiration alone, and a name in letters of people': {
    domain: 'xn--bcher-kva.example',
    answer: {
      objectClassName: 'Domain',
      ldhName: 'Bücher.example',
      status: 'active',
      events: [{ eventAction: 'registrar expiration', eventDate: '2099-01-02T03:04:05Z' }],
      entities: [{ objectClassName: 'entity', roles: 'registrar', handle: 'R-1' }],
    },
    means: { expires: '2099-01-02T03:04:05.000Z', statuses: ['active'], registrar: ['R-1'] },
  },
  'a registry that leaves out the zone': {
    domain: 'example.test',
    answer: {
      objectClassName: 'domain',
      unicodeName: 'example.test',
      events: [
        { eventAction: 'registrar expiration', eventDate: '2098-01-01T00:00:00Z' },
        { eventAction: 'expiration', eventDate: 'soon' },
        { eventAction: 'expiration', eventDate: '2099-01-02 03:04:05' },
      ],
    },
    means: { expires: '2099-01-02T03:04:05.000Z', statuses: [], registrar: [] },
  },
};
