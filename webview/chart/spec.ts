import type { ChartColor } from '../theme';

export interface Point {
  readonly x: number;
  readonly y: number;
  /** 95 % interval, drawn as a band. */
  readonly low?: number;
  readonly high?: number;
}

export interface Series {
  readonly label: string;
  readonly color: ChartColor;
  readonly points: readonly Point[];
  readonly width?: number;
  readonly dash?: readonly number[];
  /** Shape of the points: lines stay apart without colour. */
  readonly shape?: 'circle' | 'triangle' | 'rect' | 'rectRot' | 'cross' | 'none';
  /** A staircase: the value holds until the next point. */
  readonly stepped?: boolean;
  /** Points alone, without a line through them. */
  readonly scattered?: boolean;
  /** What the band is, in the tooltip; the interval if absent. */
  readonly band?: string;
  /** Written at the last point, in place of a legend. */
  readonly endLabel?: string;
}

/** A line through the whole plot, with its words on it. */
export interface Rule {
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly label: string;
  readonly color: ChartColor;
}

/** One figure with its interval along x. */
export interface Mark {
  readonly x: number;
  readonly low: number;
  readonly high: number;
  readonly y: number;
  readonly label: string;
}

/** A line chart of shares (0 to 1), or of numbers where `y` has limits, over x. */
export interface LineChart {
  readonly series: readonly Series[];
  readonly rules: readonly Rule[];
  readonly marks?: readonly Mark[];
  readonly x: {
    readonly title: string;
    readonly min: number;
    readonly max: number;
    /** The labelled positions; a quiet one is named in the tooltip but not on the axis. */
    readonly ticks: readonly { readonly at: number; readonly label: string; readonly quiet?: boolean }[];
  };
  readonly y: {
    readonly title: string;
    readonly limits?: readonly [number, number];
    /** From tick to tick, where the limits are multiples of it; the chart's own choice if absent. */
    readonly step?: number;
  };
}
