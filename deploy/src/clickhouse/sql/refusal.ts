import { ClickHouseException } from '../exception.ts';

/** ACCESS_DENIED with the reason. */
export function refusal(reason: string): ClickHouseException {
  return ClickHouseException.of('ACCESS_DENIED', `Refused by the embedded ClickHouse: ${reason}.`);
}
