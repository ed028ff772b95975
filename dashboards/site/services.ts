import type { Section } from "../pages/register.ts";
import { registerPage } from "../pages/register.ts";
import { serviceHref } from "../pages/service.ts";
import { toldOf, toldStatus } from "../view.ts";
import { definePage } from "./_page.ts";

const ORDER = ["down", "degraded", "maintenance", "unknown", "operational"] as const;

/** Every service, what is broken first: the way into their pages. */
export default definePage({
  path: "/services",
  audience: "internal",
  nav: { order: 20, label: (w) => w.site.service.title },
  maxAgeMs: 2000,
  render: ({ inventory, view, lang, w, format, nav }) => {
    const words = w.site.service;
    const told = toldOf(view);
    const by = (kind: "us" | "supplier" | "project"): Section => ({
      id: kind,
      title: words.delivery[kind],
      columns: [{ label: words.name }, { label: words.state }, { label: words.who }, { label: words.team }],
      rows: Object.values(inventory.services)
        .filter(({ delivery }) => delivery.by === kind)
        .map((service) => ({ service, status: toldStatus(inventory, service, view, told) }))
        .sort(
          (a, b) =>
            ORDER.indexOf(a.status) - ORDER.indexOf(b.status) ||
            format.compare(a.service.name[lang], b.service.name[lang]),
        )
        .map(({ service, status }) => [
          { text: service.name[lang], href: serviceHref(service.id, lang), small: service.purpose[lang] },
          service.delivery.by === "project"
            ? w.oncall.gates[service.delivery.gate]
            : { text: w.status.service[status], sign: status },
          inventory.roles[service.owner]?.title[lang] ?? "",
          inventory.teams[service.team]?.name[lang] ?? "",
        ]),
      empty: words.noneSuch,
    });
    return registerPage(inventory, lang, {
      title: words.title,
      internal: true,
      here: "/services",
      nav,
      intro: w.oncall.watched(
        Object.values(inventory.services).filter(({ active }) => active).length,
        Object.keys(inventory.checks).length,
      ),
      sections: [by("us"), by("supplier"), by("project")],
    });
  },
});
