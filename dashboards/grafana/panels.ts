import {
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TableCellDisplayMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type DataSourceRef,
  MappingType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimelineBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as ChartBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { NoUnit } from "@grafana/grafana-foundation-sdk/units";

/** The data source that the reader has chosen at the top of the dashboard: none is written into the file. */
export const CHOSEN_SOURCE: DataSourceRef = { type: "prometheus", uid: `\${datasource}` };

/** Uid of the dashboard of one service, to which names of services lead. */
export const SERVICE_UID = "vigie-service";

/** What all panels have. */
interface Common {
  readonly title: string;
  /** Says what to make of it, where the title does not. */
  readonly description?: string;
  /** One of `@grafana/grafana-foundation-sdk/units`. */
  readonly unit: string;
  /** Columns, of 24. */
  readonly width: number;
  /** Rows of Grafana's grid, about 30 pixels each. */
  readonly height?: number;
  /** The values from which a colour holds, the first from below all. */
  readonly steps?: readonly (readonly [from: number | null, colour: string])[];
  /** Words in place of values. */
  readonly words?: Words;
}

export type Words = Readonly<Record<string, readonly [text: string, colour: string]>>;

export const UP_OR_DOWN: Words = { 1: ["up", "green"], 0: ["down", "red"] };
export const YES_IS_GOOD: Words = { 1: ["yes", "green"], 0: ["no", "red"] };
export const NO_IS_USUAL: Words = { 1: ["yes", "blue"], 0: ["no", "text"] };

/** Red from one on. */
export const NONE_IS_GOOD: Common["steps"] = [
  [null, "green"],
  [1, "red"],
];

/** Colours for what runs out, red first. */
export const falling = (orange: number, green: number): Common["steps"] => [
  [null, "red"],
  [orange, "orange"],
  [green, "green"],
];

/** Colours for what grows too large or too old. */
export const rising = (orange: number, red: number): Common["steps"] => [
  [null, "green"],
  [orange, "orange"],
  [red, "red"],
];

export interface Asked {
  readonly expr: string;
  /** The name of each line: words, and labels as `{{label}}`. */
  readonly legend?: string;
}

type AnyPanel = StatBuilder | TimelineBuilder | TableBuilder | ChartBuilder;
export type Panel = AnyPanel;

function set<P extends AnyPanel>(panel: P, { title, description, unit, width, steps, words }: Common, height: number) {
  panel.title(title).unit(unit).datasource(CHOSEN_SOURCE).span(width).height(height);
  if (description !== undefined) panel.description(description);
  if (words !== undefined) panel.mappings([mapping(words)]);
  panel.thresholds(
    new ThresholdsConfigBuilder()
      .mode(ThresholdsMode.Absolute)
      .steps((steps ?? [[null, "text"]]).map(([value, color]): Threshold => ({ value, color }))),
  );
  return panel;
}

const mapping = (words: Words): ValueMapping => ({
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    Object.entries(words).map(([value, [text, color]], index) => [value, { text, color, index }]),
  ),
});

/** Queries are named A, B, C, as Grafana does. */
const query = ({ expr, legend }: Asked, index: number): DataqueryBuilder => {
  const built = new DataqueryBuilder()
    .refId(String.fromCharCode(65 + index))
    .datasource(CHOSEN_SOURCE)
    .expr(expr);
  return legend === undefined ? built : built.legendFormat(legend);
};

/** One figure: how it is now. */
export function figure(options: Common & Asked): Panel {
  return set(new StatBuilder(), options, options.height ?? 4)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .graphMode(BigValueGraphMode.None)
    .noValue("none")
    .withTarget(query(options, 0).instant());
}

/** Lines over time. `bars` for counts by time. */
export function chart(
  options: Common & { queries: readonly Asked[]; min?: number; max?: number; bars?: boolean },
): Panel {
  const panel = set(new ChartBuilder(), options, options.height ?? 8)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .drawStyle(options.bars ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .fillOpacity(options.bars ? 60 : 5)
    .showPoints(VisibilityMode.Never)
    .targets(options.queries.map((asked, index) => query(asked, index).range()));
  if (options.min !== undefined) panel.min(options.min);
  if (options.max !== undefined) panel.max(options.max);
  return panel;
}

/** A band for each series, coloured by its state over time. */
export function timeline(options: Common & Asked): Panel {
  return set(new TimelineBuilder(), { words: UP_OR_DOWN, ...options }, options.height ?? 10)
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .withTarget(query(options, 0).range());
}

/**
 * What is the case now, a row for each series. Columns are the labels, under the names of `columns`; the value has the column
 * `value`, none where it is left out.
 */
export function table(
  options: Common & { expr: string; columns: Readonly<Record<string, string>>; value?: string },
): Panel {
  const { columns, value } = options;
  const panel = set(new TableBuilder(), options, options.height ?? 8)
    .noValue("none")
    .withTarget(query(options, 0).instant().format(PromQueryFormat.Table))
    .withTransformation({
      id: "organize",
      options: {
        excludeByName: { Time: true, ...(value === undefined ? { Value: true } : {}) },
        indexByName: Object.fromEntries([...Object.keys(columns), "Value"].map((name, index) => [name, index])),
        renameByName: { ...columns, ...(value === undefined ? {} : { Value: value }) },
      },
    });
  if (value !== undefined && (options.steps ?? options.words) !== undefined)
    panel.overrideByName(value, [{ id: "custom.cellOptions", value: { type: TableCellDisplayMode.ColorText } }]);
  const service = columns.service;
  if (service === undefined) return panel;
  return panel.overrideByName(service, [
    { id: "unit", value: NoUnit },
    {
      id: "links",
      // A value goes into an address encoded, whatever it holds.
      value: [{ title: "Look at this service", url: `/d/${SERVICE_UID}?var-service=\${__value.text:percentencode}` }],
    },
  ]);
}
