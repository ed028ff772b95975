import { frame } from "../frame.ts";
import { compilePage } from "../html.ts";
import { incidentModel, publicIncidents } from "../pages/incidents.ts";
import { definePage } from "./_page.ts";

const template = compilePage("incident");

/** One incident: what happened, how long it took, what was learnt. */
export default definePage({
  path: "/incidents/:id",
  audience: "public",
  maxAgeMs: 30_000,
  addresses: (input) => publicIncidents(input).map(({ id }) => `/incidents/${id}`),
  render: (input) => {
    const found = publicIncidents(input).find(({ id }) => id === input.params.id);
    if (found === undefined) return undefined;
    const incident = incidentModel(found, input);
    return template({ frame: frame(input.inventory, input.lang, { title: incident.title }), incident });
  },
});
