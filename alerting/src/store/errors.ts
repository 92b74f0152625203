/** Every code a `StoreError` can have; `README.md` of this folder explains each. */
export const STORE_ERROR_CODES = [
  'TOCSIN_ALERTING_STORE_NEWER',
  'TOCSIN_ALERTING_STORE_FOREIGN',
  'TOCSIN_ALERTING_STORE_MIGRATION',
] as const;

export type StoreErrorCode = (typeof STORE_ERROR_CODES)[number];

/** The database file cannot be used by this version of alerting. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
