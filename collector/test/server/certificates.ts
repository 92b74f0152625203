/** Two self-signed certificates for 127.0.0.1 and localhost, good until 2049, with their keys. */

export const FIRST = {
  cert: [
    '-----BEGIN CERTIFICATE-----',
    'MIIBPzCB5qADAgECAgkBTSpl2xfIIYMwCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwF',
    'Zmlyc3QwHhcNMjUwMTAxMDAwMDAwWhcNNDkwMTAxMDAwMDAwWjAQMQ4wDAYDVQQD',
    'DAVmaXJzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGt2WixCSzlDjPzTcNR4',
    'gkqaK9W7YmF/8vkcfnpXFiYTtU4sQ0/eylucq7iQSo3uD04XtiaXE/XQAXd7eo8W',
    'ppOjKTAnMAkGA1UdEwQCMAAwGgYDVR0RBBMwEYcEfwAAAYIJbG9jYWxob3N0MAoG',
    'CCqGSM49BAMCA0gAMEUCIDUesYQi1OMkexHjPZIUq7EnsM/9KNwUMlBVfVBm9CpQ',
    'AiEAoaK5K9kuU6rqcWpeg40rkqzf7Zg4oF+WgBMCBhPFvWY=',
    '-----END CERTIFICATE-----',
  ].join('\n'),
  key: [
    '-----BEGIN PRIVATE KEY-----',
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxR32KhzumGrglusl',
    'usGES64wXe7+Sx2X2xO/aKSsqxehRANCAARrdlosQks5Q4z803DUeIJKmivVu2Jh',
    'f/L5HH56VxYmE7VOLENP3spbnKu4kEqN7g9OF7YmlxP10AF3e3qPFqaT',
    '-----END PRIVATE KEY-----',
  ].join('\n'),
};

export const SECOND = {
  cert: [
    '-----BEGIN CERTIFICATE-----',
    'MIIBQTCB6KADAgECAgkBZABzG9rtAKswCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwG',
    'c2Vjb25kMB4XDTI1MDEwMTAwMDAwMFoXDTQ5MDEwMTAwMDAwMFowETEPMA0GA1UE',
    'AwwGc2Vjb25kMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEalNqdq6g4Z9e5K8g',
    'DMwAOWdPaZeLC4R/F6sFh6XaSNa4lVlT2XaGiud56lLhGowCzLVaz4i7EUxt3ElM',
    'MhjaJaMpMCcwCQYDVR0TBAIwADAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3Qw',
    'CgYIKoZIzj0EAwIDSAAwRQIgdS4oz9Rv/smFolHpafT4noqlBt5saUzkghNUsne7',
    'uhECIQC4zhsk/7GnOKeUW4avk8KUmwPX6oiuUYjtIO8yF+yr0g==',
    '-----END CERTIFICATE-----',
  ].join('\n'),
  key: [
    '-----BEGIN PRIVATE KEY-----',
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCgsyDGuoE889QvLk',
    'EYOoSyn/FDP6q2KmnhXECxAc+PehRANCAARqU2p2rqDhn17kryAMzAA5Z09pl4sL',
    'hH8XqwWHpdpI1riVWVPZdoaK53nqUuEajALMtVrPiLsRTG3cSUwyGNol',
    '-----END PRIVATE KEY-----',
  ].join('\n'),
};
