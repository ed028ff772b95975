import { frame } from "../frame.ts";
import { compilePage } from "../html.ts";
import { filesHelp } from "../pages/files-help.ts";
import { baseOf } from "../pages/incidents.ts";
import { eventsOf, publicFacts } from "../pages/service.ts";
import { definePage } from "./_page.ts";

const template = compilePage("service-public");

/** One service, as members may know it. */
export default definePage({
  path: "/status/:service",
  audience: "public",
  maxAgeMs: 30_000,
  addresses: ({ inventory }) =>
    Object.values(inventory.services)
      .filter(({ active, audience }) => active && audience === "public")
      .map(({ id }) => `/status/${id}`),
  render: (input) => {
    const { inventory, lang, params } = input;
    const id = params.service!;
    const service = Object.hasOwn(inventory.services, id) ? inventory.services[id] : undefined;
    if (service === undefined || !service.active || service.audience !== "public") return undefined;
    return template({
      frame: frame(inventory, lang, { title: service.name[lang] }),
      service: publicFacts(service, input),
      events: eventsOf(service, input, false),
      help: filesHelp(service, input),
      badgeUrl: `${baseOf(inventory)}/badges/${id}.svg?lang=${lang}`,
    });
  },
});
