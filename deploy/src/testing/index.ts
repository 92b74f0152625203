export { startTestClickHouse, type TestClickHouse } from './clickhouse.ts';
