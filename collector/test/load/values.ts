import { attributeList } from './otlp.ts';

/** Attributes with every kind of value … */
export const ATTRIBUTES = attributeList({
  text: 'x',
  'text.empty': '',
  'bool.true': true,
  'bool.false': false,
  'int.exact': { int: '9007199254740993' },
  'int.least': { int: '-9223372036854775808' },
  'int.zero': { int: '0' },
  'double.tenth': { double: 0.1 },
  'double.whole': { double: 5 },
  'double.large': { double: 1e21 },
  'double.small': { double: 1e-7 },
  'double.nan': { double: NaN },
  'double.infinite': { double: -Infinity },
  empty: null,
});
/** … and as they are stored. */
export const STORED = {
  text: 'x',
  'text.empty': '',
  'bool.true': 'true',
  'bool.false': 'false',
  'int.exact': '9007199254740993',
  'int.least': '-9223372036854775808',
  'int.zero': '0',
  'double.tenth': '0.1',
  'double.whole': '5',
  'double.large': '1e+21',
  'double.small': '1e-7',
  'double.nan': 'NaN',
  'double.infinite': '-Inf',
  empty: '',
};
