/**
 * Digits and signs as lines on a grid of 4 by 6, so that a chart needs no font on the machine that draws it. Each path is in SVG's
 * own letters; y grows downwards.
 */
export const STROKES: Readonly<Record<string, string>> = {
  '0': 'M0 1Q0 0 2 0Q4 0 4 1V5Q4 6 2 6Q0 6 0 5Z',
  '1': 'M1 1L2.5 0V6M1 6H4',
  '2': 'M0 1Q0 0 2 0Q4 0 4 1.5Q4 2.5 0 6H4',
  '3': 'M0 .7Q.6 0 2 0Q4 0 4 1.5Q4 3 1.6 3Q4 3 4 4.5Q4 6 2 6Q.6 6 0 5.3',
  '4': 'M3 6V0L0 4H4',
  '5': 'M4 0H.5L.2 2.6Q1 2.2 2 2.2Q4 2.2 4 4Q4 6 2 6Q.6 6 0 5.3',
  '6': 'M3.6 .4Q0 .6 0 4Q0 6 2 6Q4 6 4 4.2Q4 2.6 2 2.6Q.3 2.6 0 4',
  '7': 'M0 0H4L1.5 6',
  '8': 'M2 3Q.2 2.8 .2 1.5Q.2 0 2 0Q3.8 0 3.8 1.5Q3.8 2.8 2 3Q0 3.2 0 4.5Q0 6 2 6Q4 6 4 4.5Q4 3.2 2 3Z',
  '9': 'M.4 5.6Q4 5.4 4 2Q4 0 2 0Q0 0 0 1.8Q0 3.4 2 3.4Q3.7 3.4 4 2',
  '.': 'M1.6 6H2.2',
  ':': 'M2 1.8V2.2M2 4.8V5.2',
  '-': 'M.5 3.2H3.5',
  '+': 'M.5 3.2H3.5M2 1.7V4.7',
  e: 'M.2 4H3.8Q3.8 2.2 2 2.2Q.2 2.2 .2 4Q.2 6 2 6Q3.2 6 3.7 5.3',
  k: 'M.4 0V6M3.6 2.2L.4 4.4M1.6 3.6L3.8 6',
  M: 'M0 6V0L2 3L4 0V6',
  G: 'M4 1Q3.3 0 2 0Q0 0 0 3Q0 6 2 6Q4 6 4 3.4H2.2',
  T: 'M0 0H4M2 0V6',
  m: 'M0 6V2.4M0 3.2Q.2 2.4 1 2.4Q2 2.4 2 3.4V6M2 3.2Q2.2 2.4 3 2.4Q4 2.4 4 3.4V6',
  s: 'M3.6 2.8Q3 2.2 2 2.2Q.4 2.2 .4 3.2Q.4 4 2 4.1Q3.8 4.2 3.8 5Q3.8 6 2 6Q.8 6 .2 5.3',
  '%': 'M3.6 0L.4 6M1 .2Q2 .2 2 1.2Q2 2.2 1 2.2Q0 2.2 0 1.2Q0 .2 1 .2M3 3.8Q4 3.8 4 4.8Q4 5.8 3 5.8Q2 5.8 2 4.8Q2 3.8 3 3.8',
  U: 'M0 0V4.4Q0 6 2 6Q4 6 4 4.4V0',
  C: 'M4 1Q3.3 0 2 0Q0 0 0 3Q0 6 2 6Q3.3 6 4 5',
};

/** How far apart characters stand on the grid. */
export const ADVANCE = 5.6;
