import { registerPage } from "../pages/register.ts";
import { publicFacts, serviceHref } from "../pages/service.ts";
import { definePage } from "./_page.ts";

/** The register of processing activities (GDPR article 30, N35), as an authority may ask to see it. */
export default definePage({
  path: "/registers/privacy",
  audience: "internal",
  nav: { order: 51, label: (w) => w.site.registers.privacy.title, register: true },
  render: (input) => {
    const { inventory, lang, w, format, nav } = input;
    const words = w.site.registers.privacy;
    const services = Object.values(inventory.services).toSorted((a, b) => format.compare(a.name[lang], b.name[lang]));
    const role = inventory.roles[inventory.association.contact];
    return registerPage(inventory, lang, {
      title: words.long,
      internal: true,
      here: "/registers/privacy",
      nav,
      intro: words.intro,
      sections: [
        {
          id: "controller",
          title: words.controller,
          columns: [{ label: words.controller }, { label: words.contact }],
          rows: [[inventory.association.name, { text: role?.title[lang] ?? "", small: role?.address ?? "" }]],
          empty: "",
        },
        {
          id: "processing",
          title: words.long,
          columns: [
            { label: words.service },
            { label: words.why },
            { label: words.data },
            { label: words.subjects },
            { label: words.basis },
            { label: words.kept },
            { label: words.recipients },
          ],
          rows: services.flatMap((service) => {
            const { privacy } = publicFacts(service, input);
            return privacy === null
              ? []
              : [
                  [
                    { text: service.name[lang], href: serviceHref(service.id, lang) },
                    privacy.purpose,
                    privacy.data,
                    privacy.subjects,
                    privacy.basis,
                    privacy.kept,
                    privacy.recipients,
                  ],
                ];
          }),
          empty: words.empty,
        },
        {
          id: "none",
          title: words.none,
          columns: [{ label: words.service }, { label: words.reason }],
          rows: services.flatMap((service) =>
            "none" in service.privacy
              ? [[{ text: service.name[lang], href: serviceHref(service.id, lang) }, service.privacy.none]]
              : [],
          ),
          empty: words.allNeed,
        },
      ],
    });
  },
});
