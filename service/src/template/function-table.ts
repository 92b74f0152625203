/**
 * The functions of templates with how few and how many arguments each takes (what is piped in counts). Sources: Prometheus documentation,
 * "Template reference"; Go, package text/template, Functions; the last ones are Alertmanager's ("Notification template reference").
 */
export const TEMPLATE_FUNCTIONS = {
  humanize: [1, 1],
  humanize1024: [1, 1],
  humanizeDuration: [1, 1],
  humanizePercentage: [1, 1],
  humanizeTimestamp: [1, 1],
  toTime: [1, 1],
  toDuration: [1, 1],
  now: [0, 0],
  parseDuration: [1, 1],

  title: [1, 1],
  toUpper: [1, 1],
  toLower: [1, 1],
  stripPort: [1, 1],
  stripDomain: [1, 1],
  match: [2, 2],
  reReplaceAll: [3, 3],
  urlQueryEscape: [1, 1],
  safeHtml: [1, 1],
  externalURL: [0, 0],
  pathPrefix: [0, 0],

  query: [1, 1],
  first: [1, 1],
  label: [2, 2],
  value: [1, 1],
  strvalue: [1, 1],
  sortByLabel: [2, 2],
  graphLink: [1, 1],
  tableLink: [1, 1],

  args: [0, Infinity],
  tmpl: [2, 2],

  and: [1, Infinity],
  or: [1, Infinity],
  not: [1, 1],
  eq: [2, Infinity],
  ne: [2, 2],
  lt: [2, 2],
  le: [2, 2],
  gt: [2, 2],
  ge: [2, 2],
  len: [1, 1],
  index: [1, Infinity],
  slice: [1, 4],
  print: [0, Infinity],
  println: [0, Infinity],
  printf: [1, Infinity],
  html: [0, Infinity],
  js: [0, Infinity],
  urlquery: [0, Infinity],

  trimSpace: [1, 1],
  join: [2, 2],
  stringSlice: [0, Infinity],
  list: [0, Infinity],
  append: [1, Infinity],
  dict: [0, Infinity],
  safeUrl: [1, 1],
  urlUnescape: [1, 1],
  toJson: [1, 1],
  date: [2, 2],
  tz: [2, 2],
  since: [1, 1],
} as const satisfies Readonly<Record<string, readonly [least: number, most: number]>>;

export type TemplateFunctionName = keyof typeof TEMPLATE_FUNCTIONS;

/** Functions of Go that there are not, and what to do without them. */
export const UNSUPPORTED_FUNCTIONS: Readonly<Record<string, string>> = {
  call: 'is not supported: no value is a function',
};

/** Whether there is a function of this name. */
export function isTemplateFunction(name: string): name is TemplateFunctionName {
  return Object.hasOwn(TEMPLATE_FUNCTIONS, name);
}

/** In words, why a name cannot be called. */
export function describeMissingFunction(name: string): string {
  const why = Object.hasOwn(UNSUPPORTED_FUNCTIONS, name) ? UNSUPPORTED_FUNCTIONS[name] : 'not defined';
  return `function ${JSON.stringify(name)} ${why}`;
}

/** In words, what is wrong with a number of arguments; `undefined` where nothing is. */
export function describeArguments(name: TemplateFunctionName, count: number): string | undefined {
  const [least, most]: readonly [number, number] = TEMPLATE_FUNCTIONS[name];
  if (count >= least && count <= most) return undefined;
  const wanted = least === most ? `${least}` : count < least ? `at least ${least}` : `at most ${most}`;
  return `wrong number of args for ${name}: want ${wanted} got ${count}`;
}
