import { frame } from "../frame.ts";
import { compilePage } from "../html.ts";
import { incidentModel, publicIncidents } from "../pages/incidents.ts";
import { definePage } from "./_page.ts";

const template = compilePage("incidents");

/** Every incident that everybody may know of. */
export default definePage({
  path: "/incidents",
  audience: "public",
  maxAgeMs: 30_000,
  render: (input) =>
    template({
      frame: frame(input.inventory, input.lang, { title: input.w.site.incidents.title }),
      incidents: publicIncidents(input).map((incident) => incidentModel(incident, input)),
    }),
});
