import type { drawChart } from './uplot-chart.ts';

/** Loads what draws charts, with the first one. @throws Error where it cannot be loaded, as after an update */
export async function loadChart(): Promise<typeof drawChart> {
  mendLanguage();
  return (await import('./uplot-chart.ts')).drawChart;
}

/** A browser in the POSIX locale calls its language `en-US@posix`, which is no language tag (BCP 47); uPlot asks Intl for it as it is loaded. */
function mendLanguage(): void {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    Object.defineProperty(navigator, 'language', { value: 'en', configurable: true });
  }
}
