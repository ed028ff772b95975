import { registerPage } from "../pages/register.ts";
import { serviceHref } from "../pages/service.ts";
import { definePage } from "./_page.ts";

/** Each need and what answers it: what a new one is judged by (N40). */
export default definePage({
  path: "/registers/needs",
  audience: "internal",
  nav: { order: 54, label: (w) => w.site.registers.needs.title, register: true },
  render: ({ inventory, lang, w, format, nav }) => {
    const words = w.site.registers.needs;
    const services = Object.values(inventory.services);
    const told = inventory.association.needs ?? {};
    const ids = [...new Set([...Object.keys(told), ...services.flatMap(({ needs }) => needs)])].sort(format.compare);
    const answering = (id: string, active: boolean) =>
      services
        .filter((service) => service.active === active && service.needs.includes(id))
        .map((service) => ({ text: service.name[lang], href: serviceHref(service.id, lang) }));
    const covered = ids.filter((id) => answering(id, true).length > 0).length;
    return registerPage(inventory, lang, {
      title: words.title,
      internal: true,
      here: "/registers/needs",
      nav,
      intro: words.intro,
      figure: ids.length === 0 ? "" : words.count(covered, ids.length),
      sections: [
        {
          id: "needs",
          title: words.title,
          columns: [{ label: words.need }, { label: words.covered }, { label: words.project }],
          rows: ids.map((id) => {
            const [now, later] = [answering(id, true), answering(id, false)];
            return [
              { text: id, small: told[id]?.[lang] ?? "" },
              now.length > 0
                ? { text: "", lines: now }
                : { text: words.nothing, sign: later.length > 0 ? "unknown" : "degraded" },
              { text: "", lines: later },
            ];
          }),
          empty: words.empty,
        },
      ],
    });
  },
});
