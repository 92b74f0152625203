import { boundaries } from './rules/boundaries.ts';
import { noImportEffects, processInMain } from './rules/entry-points.ts';
import { noUnfinished, realTests } from './rules/proof.ts';
import { fileName, fileSize, functionSize, namedExports, unitsInNames } from './rules/shape.ts';

/** Tocsin's own rules for oxlint. The default export is what oxlint loads. */
export default {
  meta: { name: 'tocsin' },
  rules: {
    boundaries,
    'process-in-main': processInMain,
    'no-import-effects': noImportEffects,
    'file-size': fileSize,
    'function-size': functionSize,
    'file-name': fileName,
    'named-exports': namedExports,
    'units-in-names': unitsInNames,
    'real-tests': realTests,
    'no-unfinished': noUnfinished,
  },
};
