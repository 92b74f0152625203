export { describeGaps, type DescribedGaps, GAP_HORIZON_MS } from './gaps.ts';
export { partAt } from './layer.ts';
export type { Layer, Override, Restriction, Schedule, Shift, ShiftSource, Span } from './schedule.ts';
export { gapsOf, onCallAt, shiftsOf } from './timeline.ts';
