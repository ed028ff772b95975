import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { CHOSEN_SOURCE, type Panel } from "./panels.ts";

/** A list at the top of a dashboard from which its reader chooses. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** A metric, perhaps with matchers, that has … */
  readonly of: string;
  /** … this label, whose values are what there is to choose from. */
  readonly values: string;
  /** Several may be chosen, all at first; use it with `=~`. */
  readonly several?: boolean;
}

export interface Frame {
  /** Stays the same for ever: links and bookmarks hold it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** How far back it looks at first, such as `24h`. */
  readonly since: string;
  readonly choices?: readonly Choice[];
  /** Panels under the headings of their rows. */
  readonly rows: Readonly<Record<string, readonly Panel[]>>;
}

/** Ties the dashboards together: each links to all that have it. */
const TAG = "vigie";

/** A dashboard: panels numbered in their order, laid out from left to right, with the choice of a data source first. */
export function dashboard({ uid, title, description, since, choices = [], rows }: Frame): Dashboard {
  const built = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone("browser")
    .refresh("1m")
    .time({ from: `now-${since}`, to: "now" })
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(
      new DashboardLinkBuilder("Vigie").type(DashboardLinkType.Dashboards).tags([TAG]).asDropdown(false).keepTime(true),
    )
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"));
  for (const choice of choices) built.withVariable(variable(choice));
  let id = 0;
  for (const [heading, panels] of Object.entries(rows)) {
    built.withRow(new RowBuilder(heading).id(++id));
    for (const panel of panels) built.withPanel(panel.id(++id));
  }
  return built.build();
}

function variable({ name, label, of, values, several = false }: Choice): QueryVariableBuilder {
  const built = new QueryVariableBuilder(name)
    .label(label)
    .datasource(CHOSEN_SOURCE)
    .query(`label_values(${of}, ${values})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(several)
    .includeAll(several);
  return several ? built.allValue(".*").current({ text: ["All"], value: ["$__all"] }) : built;
}
