import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { CLICKHOUSE_PLUGIN, DATASOURCE } from './clickhouse-query.ts';

/** The variable `datasource`: which ClickHouse. */
export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource')
    .label('ClickHouse')
    .type(CLICKHOUSE_PLUGIN)
    .current({ selected: true, text: 'Tocsin', value: 'tocsin-clickhouse' });
}

/** A variable with the values of a statement's first column; several may be chosen, or all. */
export function choiceVariable(name: string, label: string, rawSql: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ refId: `variable-${name}`, queryType: 'sql', editorType: 'sql', rawSql })
    .definition(rawSql)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalCaseInsensitiveAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** A variable with the values of a statement's first column, of which one is chosen: the first, until somebody chooses. */
export function oneVariable(name: string, label: string, rawSql: string): QueryVariableBuilder {
  return choiceVariable(name, label, rawSql)
    .multi(false)
    .includeAll(false)
    .current({ selected: false, text: '', value: '' });
}

/** A variable with values that are always the same; several may be chosen, or all. */
export function fixedVariable(
  name: string,
  label: string,
  values: readonly string[],
  chosen: readonly string[] = ['$__all'],
): CustomVariableBuilder {
  const isChosen = (value: string): boolean => chosen.includes(value);
  return new CustomVariableBuilder(name)
    .label(label)
    .values(values.join(','))
    .multi(true)
    .includeAll(true)
    .options(values.map((value) => ({ selected: isChosen(value), text: value, value })))
    .current({
      selected: true,
      text: chosen.map((value) => (value === '$__all' ? 'All' : value)),
      value: [...chosen],
    });
}

/** A variable to type into. */
export function textVariable(name: string, label: string, value: string): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder(name)
    .label(label)
    .defaultValue(value)
    .current({ selected: true, text: value, value });
}

/** The variable `console`: where the Tocsin console is, for links. */
export function consoleVariable(): TextBoxVariableBuilder {
  return textVariable('console', 'Console', 'http://127.0.0.1:7600');
}
