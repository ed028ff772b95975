import type { LatencyPoint } from "./view.ts";

/** A drawing of response times: paths in a box of `CHART_WIDTH` × `CHART_HEIGHT`. */
export interface Chart {
  /** Between the median and the 99th percentile. */
  readonly band: string;
  readonly p50: string;
  readonly p95: string;
  /** A tick below each stretch with failed runs. */
  readonly failed: string;
  /** What the top of the box stands for, in seconds. */
  readonly top: number;
}

export const CHART_WIDTH = 600;
export const CHART_HEIGHT = 120;
/** Room below the curves for the ticks of failures. */
const FOOT = 8;

/** Round values for the top of the box, so that two charts are easily compared. */
const TOPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

/** Draws points, oldest first, over a length of time; undefined where there are too few to draw. A gap in time is left open. */
export function drawChart(points: readonly LatencyPoint[], from: number, until: number): Chart | undefined {
  const measured = points.flatMap(({ at, seconds, p50, p95, p99 }) =>
    p50 === undefined || p95 === undefined || p99 === undefined ? [] : [{ at, seconds, p50, p95, p99 }],
  );
  if (measured.length < 2 || until <= from) return undefined;
  const highest = Math.max(...measured.map(({ p99 }) => p99));
  const top = TOPS.find((value) => value >= highest) ?? highest;
  const x = (at: number): string => (((at - from) / (until - from)) * CHART_WIDTH).toFixed(1);
  const y = (seconds: number): string => ((1 - seconds / top) * (CHART_HEIGHT - FOOT)).toFixed(1);
  const pieces = withoutGaps(measured);
  const line = (value: (point: Measured) => number): string =>
    pieces
      .map((piece) =>
        piece.map((point, index) => `${index === 0 ? "M" : "L"}${x(point.at)} ${y(value(point))}`).join(""),
      )
      .join("");
  return {
    band: pieces
      .filter((piece) => piece.length > 1)
      .map((piece) => {
        const there = piece.map((point) => `${x(point.at)} ${y(point.p99)}`);
        const back = piece.toReversed().map((point) => `${x(point.at)} ${y(point.p50)}`);
        return `M${[...there, ...back].join("L")}z`;
      })
      .join(""),
    p50: line(({ p50 }) => p50),
    p95: line(({ p95 }) => p95),
    failed: points
      .filter(({ good, total }) => good < total)
      .map(({ at }) => `M${x(at)} ${CHART_HEIGHT - FOOT + 2}V${CHART_HEIGHT}`)
      .join(""),
    top,
  };
}

type Measured = Required<Pick<LatencyPoint, "at" | "seconds" | "p50" | "p95" | "p99">>;

/** Points in rows: where one does not begin soon after the one before, a new row begins. */
function withoutGaps(points: readonly Measured[]): Measured[][] {
  const rows: Measured[][] = [];
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    if (before === undefined || point.at - before.at > 3000 * before.seconds) rows.push([]);
    rows.at(-1)!.push(point);
  }
  return rows;
}
