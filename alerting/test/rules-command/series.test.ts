import { describe, expect, test } from 'vitest';
import { parseSeries, SeriesError } from '../../src/rules-command/tests/series.ts';

describe('a series of a unit test', () => {
  test.each([
    ['1 2 3', [1, 2, 3]],
    ['0+10x5', [0, 10, 20, 30, 40, 50]],
    ['100-10x3', [100, 90, 80, 70]],
    ['-2+4x3', [-2, 2, 6, 10]],
    ['1x3', [1, 1, 1, 1]],
    ['1 _ 3 _x2 stale', [1, undefined, 3, undefined, undefined, undefined]],
    ['1.5e2 -0.5', [150, -0.5]],
    ['Inf -inf nan', [Infinity, -Infinity, NaN]],
    ['0+infx1', [0, Infinity]],
    ['  7   ', [7]],
  ])('%s', (source, values) => {
    expect(parseSeries('up', source).values).toEqual(values);
  });

  test('has a metric and attributes, with dots where OpenTelemetry has them', () => {
    const { metric, attributes } = parseSeries(
      String.raw`http.server.duration{http.route="/a,{b}", "odd name"="say \"hi\"", code = "500",}`,
      '1',
    );
    expect(metric).toBe('http.server.duration');
    expect(attributes).toEqual({ 'http.route': '/a,{b}', 'odd name': 'say "hi"', code: '500' });
  });

  test.each(['', '{a="b"}', 'up{a=b}', 'up{a="b" c="d"}', 'up{a="b"', 'two words'])('%j is none', (name) => {
    expect(() => parseSeries(name, '1')).toThrow(SeriesError);
  });

  test.each(['1,2', '1+x3', 'x3', '1x', '1+2x9999999999', '_x99999999'])('values %s are none', (values) => {
    expect(() => parseSeries('up', values)).toThrow(SeriesError);
  });
});
