import { paid } from "../money.ts";
import { registerPage } from "../pages/register.ts";
import { supplierRows } from "../pages/tables.ts";
import { definePage } from "./_page.ts";

const DAY_MS = 86_400_000;

/** Suppliers, and what has to be renewed or cancelled, the first first (N34). */
export default definePage({
  path: "/registers/suppliers",
  audience: "internal",
  nav: { order: 52, label: (w) => w.site.registers.suppliers.title, register: true },
  maxAgeMs: 3_600_000,
  render: (input) => {
    const { inventory, view, lang, w, format, nav } = input;
    const words = w.site.registers.suppliers;
    const due = [
      ...Object.values(inventory.suppliers).map(({ name, renews }) => ({ name, renews })),
      ...Object.entries(inventory.domains).map(([domain, { renews }]) => ({ name: words.domain(domain), renews })),
    ]
      .flatMap(({ name, renews }) => (renews === undefined ? [] : [{ name, renews }]))
      .sort((a, b) => (a.renews < b.renews ? -1 : 1));
    return registerPage(inventory, lang, {
      title: words.title,
      internal: true,
      here: "/registers/suppliers",
      nav,
      intro: words.intro,
      sections: [
        {
          id: "renewals",
          title: words.renewals,
          columns: [{ label: words.what }, { label: words.due }, { label: words.left }],
          rows: due.map(({ name, renews }) => {
            const days = Math.ceil((Date.parse(`${renews}T00:00:00Z`) - view.now) / DAY_MS);
            const left = days < 0 ? words.late : w.oncall.daysLeft(days);
            return [
              name,
              format.date(renews),
              days <= 60 ? { text: left, sign: days < 0 ? "down" : "degraded" } : left,
            ];
          }),
          empty: words.none,
        },
        {
          id: "suppliers",
          title: words.title,
          columns: [
            { label: w.oncall.columns.supplier },
            { label: w.oncall.columns.services },
            { label: w.oncall.columns.contact },
            { label: w.oncall.columns.contract },
            { label: w.site.service.money },
          ],
          rows: supplierRows(input).map((row) => {
            const cost = Object.values(inventory.suppliers).find(({ name }) => name === row.name)?.cost;
            return [
              { text: row.name, href: row.website },
              row.services,
              {
                text: "",
                lines: [
                  ...(row.phone ? [{ text: row.phone, href: row.phoneHref }] : []),
                  ...(row.email ? [{ text: row.email, href: row.emailHref }] : []),
                ],
                small: row.notes,
              },
              row.contract,
              cost ? paid(cost, { w, format }) : "",
            ];
          }),
          empty: w.oncall.noSuppliers,
        },
      ],
    });
  },
});
