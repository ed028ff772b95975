import { frame } from "../frame.ts";
import { compilePage } from "../html.ts";
import { acknowledgement, incidentModel } from "../pages/incidents.ts";
import { definePage } from "./_page.ts";

const template = compilePage("log-entry");

/** One incident with everything that volunteers need to act on it. */
export default definePage({
  path: "/log/:id",
  audience: "internal",
  maxAgeMs: 2000,
  addresses: ({ view }) => (view.incidents ?? []).map(({ id }) => `/log/${id}`),
  render: (input) => {
    const { inventory, lang, params, nav } = input;
    const found = (input.view.incidents ?? []).find(({ id }) => id === params.id);
    if (found === undefined) return undefined;
    const incident = incidentModel(found, input, true);
    return template({
      frame: frame(inventory, lang, { title: incident.title, internal: true, here: "/log", nav }),
      incident,
      acknowledgement: acknowledgement(found, input),
    });
  },
});
