/** Pixels of the charts of this page. */
export const CHART_HEIGHT = 320;
