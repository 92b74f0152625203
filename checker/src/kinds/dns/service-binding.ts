const KEYS = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath'];

/** The data of a SVCB or HTTPS record, as `1 . alpn=h2,h3 port=8443`. Source: RFC 9460, sections 2.1 and 2.2. */
export function showServiceBinding(data: Buffer): string {
  const labels: string[] = [];
  let at = 2;
  for (let length = data[at] ?? 0; length > 0; length = data[at] ?? 0) {
    labels.push(data.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const parts = [String(data.readUInt16BE(0)), labels.length === 0 ? '.' : labels.join('.')];
  for (at += 1; at + 4 <= data.length;) {
    const [key, length] = [data.readUInt16BE(at), data.readUInt16BE(at + 2)];
    const value = data.subarray(at + 4, at + 4 + length);
    const name = KEYS[key] ?? `key${key}`;
    parts.push(length === 0 ? name : `${name}=${showValue(name, value)}`);
    at += 4 + length;
  }
  return parts.join(' ');
}

function showValue(name: string, value: Buffer): string {
  switch (name) {
    case 'mandatory':
      return pieces(value, 2)
        .map((piece) => KEYS[piece.readUInt16BE(0)] ?? `key${piece.readUInt16BE(0)}`)
        .join(',');
    case 'alpn': {
      const protocols: string[] = [];
      for (let at = 0; at < value.length; at += 1 + (value[at] ?? 0)) {
        protocols.push(value.toString('latin1', at + 1, at + 1 + (value[at] ?? 0)));
      }
      return protocols.join(',');
    }
    case 'port':
      return value.length < 2 ? value.toString('hex') : String(value.readUInt16BE(0));
    case 'ipv4hint':
      return pieces(value, 4)
        .map((piece) => piece.join('.'))
        .join(',');
    case 'ipv6hint':
      return pieces(value, 16)
        .map((piece) =>
          pieces(piece, 2)
            .map((group) => group.toString('hex'))
            .join(':'),
        )
        .join(',');
    case 'dohpath':
      return value.toString('utf8');
    default:
      return value.toString('base64');
  }
}

function pieces(value: Buffer, sizeBytes: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + sizeBytes <= value.length; at += sizeBytes) found.push(value.subarray(at, at + sizeBytes));
  return found;
}
