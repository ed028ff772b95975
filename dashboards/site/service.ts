import { frame } from "../frame.ts";
import { compilePage } from "../html.ts";
import { internalFacts } from "../pages/service.ts";
import { definePage } from "./_page.ts";

const template = compilePage("service");

/** One service: state, people, dependencies, checks, response times, backups, money, data. */
export default definePage({
  path: "/services/:service",
  audience: "internal",
  maxAgeMs: 2000,
  addresses: ({ inventory }) => Object.keys(inventory.services).map((id) => `/services/${id}`),
  render: (input) => {
    const { inventory, lang, params, nav } = input;
    const id = params.service!;
    const service = Object.hasOwn(inventory.services, id) ? inventory.services[id] : undefined;
    if (service === undefined) return undefined;
    return template({
      frame: frame(inventory, lang, { title: service.name[lang], internal: true, here: "/services", nav }),
      service: internalFacts(service, input),
    });
  },
});
