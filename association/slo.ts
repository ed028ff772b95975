/** How fast an error budget is used up before somebody hears of it, and over which times that is measured. */
export interface Burn {
  /** Times as fast as would use the budget up exactly at its end. */
  readonly factor: number;
  /** The time that shows it is not a moment's noise, and the short one that shows it still goes on. */
  readonly long: string;
  readonly short: string;
  readonly severity: "page" | "ticket";
}

/** Multi-window burn rates, as the Site Reliability Workbook of Google has them (chapter 5, "Alerting on SLOs"). */
export const BURNS: readonly [Burn, ...Burn[]] = [
  { factor: 14.4, long: "1h", short: "5m", severity: "page" },
  { factor: 6, long: "6h", short: "30m", severity: "page" },
  { factor: 3, long: "1d", short: "2h", severity: "ticket" },
  { factor: 1, long: "3d", short: "6h", severity: "ticket" },
];

/** The one that a single lost run comes nearest to. */
export const FASTEST_BURN: Burn = BURNS[0];
