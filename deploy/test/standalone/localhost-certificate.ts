/** A self-signed certificate for 127.0.0.1 and localhost, good until 2126, with its key: for tests alone. */
export const LOCALHOST = {
  cert: [
    '-----BEGIN CERTIFICATE-----',
    'MIIBnDCCAUGgAwIBAgIUK2kb4tgGk97KtKXCGZzMJF3XftQwCgYIKoZIzj0EAwIw',
    'FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjIwMjQyOFoYDzIxMjYxMDI5',
    'MjAyNDI4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO',
    'PQMBBwNCAAQdkydAZTPD7LCdvGGFAEa39LZvqdNyWaXDANf4GXbDIPpqLeU4fshm',
    'ZiyTe3oJndhBHgh3inzyI4oTOrrcwR4Po28wbTAdBgNVHQ4EFgQUM9hZjBBluVOO',
    'xH2Pm85ZsLREiWkwHwYDVR0jBBgwFoAUM9hZjBBluVOOxH2Pm85ZsLREiWkwGgYD',
    'VR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI',
    'zj0EAwIDSQAwRgIhAIN1qUdWEnrEmJTUVGmP29CniPEEVoobrakvKfD/d9t+AiEA',
    '4hVyXSQmnpG7gnyTg+SNbQmbapcbbI2XBmJKeODt46U=',
    '-----END CERTIFICATE-----',
  ].join('\n'),
  key: [
    '-----BEGIN PRIVATE KEY-----',
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGczgNheH+NXvuQUK',
    'F9BMAGmIlrm67IQjy+4dIQiTx3ahRANCAAQdkydAZTPD7LCdvGGFAEa39LZvqdNy',
    'WaXDANf4GXbDIPpqLeU4fshmZiyTe3oJndhBHgh3inzyI4oTOrrcwR4P',
    '-----END PRIVATE KEY-----',
  ].join('\n'),
};
