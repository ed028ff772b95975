import { type BudgetLine, budgetLines, paid, perYear } from "../money.ts";
import { registerPage } from "../pages/register.ts";
import { projectRows } from "../pages/tables.ts";
import { definePage } from "./_page.ts";

/** What IT costs a year, and what projects would add (N41, N43). */
export default definePage({
  path: "/registers/budget",
  audience: "internal",
  nav: { order: 53, label: (w) => w.site.registers.budget.title, register: true },
  render: (input) => {
    const { inventory, lang, w, format, nav } = input;
    const words = w.site.registers.budget;
    const lines = budgetLines(inventory);
    const total = lines.filter(({ project }) => !project).reduce((sum, { cost }) => sum + perYear(cost), 0);
    const name = ({ kind, id }: BudgetLine): string => {
      if (kind === "supplier") return inventory.suppliers[id]?.name ?? id;
      return (kind === "host" ? inventory.hosts[id] : inventory.services[id])?.name[lang] ?? id;
    };
    const rounded = (euros: number): string => format.money(Math.round(euros * 100) / 100);
    return registerPage(inventory, lang, {
      title: words.title,
      internal: true,
      here: "/registers/budget",
      nav,
      intro: words.intro,
      figure: words.totalIs(rounded(total)),
      sections: [
        {
          id: "lines",
          title: words.title,
          intro: words.perMember,
          columns: [
            { label: words.line },
            { label: words.kind },
            { label: words.paid },
            { label: words.perYear, number: true },
          ],
          rows: lines
            .filter(({ project }) => !project)
            .map((line) => [
              name(line),
              words.kinds[line.kind],
              paid(line.cost, { w, format }),
              rounded(perYear(line.cost)),
            ]),
          total: [words.total, "", "", rounded(total)],
          empty: words.empty,
        },
        {
          id: "projects",
          title: words.projects,
          intro: words.projectsIntro,
          columns: [
            { label: words.line },
            { label: words.gate },
            { label: words.next },
            { label: words.perYear, number: true },
          ],
          rows: projectRows(input).map((project) => {
            const line = lines.find((one) => one.project && name(one) === project.name);
            return [
              { text: project.name, href: project.href },
              project.gateWords,
              project.next,
              line ? rounded(perYear(line.cost)) : "",
            ];
          }),
          empty: words.noProject,
        },
      ],
    });
  },
});
