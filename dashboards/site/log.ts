import { byUrgency } from "../incident.ts";
import { incidentModel, logHref, timesTable } from "../pages/incidents.ts";
import { registerPage } from "../pages/register.ts";
import { definePage } from "./_page.ts";

/** All incidents, internal ones too, and how long things take. */
export default definePage({
  path: "/log",
  audience: "internal",
  nav: { order: 15, label: (w) => w.site.incidents.title },
  maxAgeMs: 30_000,
  render: (input) => {
    const { inventory, view, lang, w, nav } = input;
    const words = w.site.incidents;
    const incidents = byUrgency(view.incidents ?? []);
    return registerPage(inventory, lang, {
      title: words.title,
      internal: true,
      here: "/log",
      nav,
      intro: words.intro,
      sections: [
        {
          id: "incidents",
          title: words.all,
          intro: words.reportHelp,
          columns: [
            { label: words.onIncident },
            { label: w.site.service.state },
            { label: words.started },
            { label: words.times.resolve },
            { label: words.times.acknowledge },
          ],
          rows: incidents.map((incident) => {
            const model = incidentModel(incident, input, true);
            const acknowledged = model.times.find(({ label }) => label === words.times.acknowledge)?.value;
            return [
              {
                text: model.title,
                href: logHref(incident.id, lang),
                small: incident.by === "hand" ? words.byHand : words.byLookout,
              },
              { text: model.statusWords, sign: model.sign },
              model.started.text,
              model.length,
              acknowledged ?? (incident.resolved === undefined ? words.times.pending : words.times.never),
            ];
          }),
          empty: words.noneYet,
        },
        {
          id: "times",
          title: words.times.title,
          intro: words.times.period,
          columns: [
            { label: words.times.title },
            { label: words.times.median, number: true },
            { label: words.times.worst, number: true },
            { label: words.title, number: true },
          ],
          rows: timesTable(view, input).map(({ part, median, worst, count }) => [part, median, worst, count]),
          empty: words.noneYet,
        },
      ],
    });
  },
});
