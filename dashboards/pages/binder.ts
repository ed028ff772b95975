import { type Inventory, shownPhone } from "../../association/index.ts";
import { renderRunbook, runbookNames } from "../../runbooks/render.ts";
import { ancestorsOf } from "../dependencies.ts";
import { type Frame, frame, type NavEntry } from "../frame.ts";
import { compilePage, safeHtml } from "../html.ts";
import type { Material } from "./material.ts";
import { sectionModel } from "./register.ts";
import { roleRows, supplierRows } from "./tables.ts";

interface Chapter {
  readonly id: string;
  readonly title: string;
  readonly html: unknown;
}

interface BinderModel {
  readonly frame: Frame;
  readonly made: string;
  readonly chapters: readonly Chapter[];
  readonly tables: readonly ReturnType<typeof sectionModel>[];
  readonly steps: readonly string[];
  readonly keys: readonly string[];
}

const template = compilePage<BinderModel>("binder");

/** Services whose parents come before them: the order in which things are started again. */
export function startOrder(inventory: Inventory): string[] {
  return Object.values(inventory.services)
    .filter(({ delivery, active }) => active && delivery.by === "us")
    .map((service) => ({ id: service.id, depth: ancestorsOf(inventory, service).length }))
    .sort((a, b) => a.depth - b.depth || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

/** Everything that is needed on the day the network is down, as one document for print: people, suppliers, order, recovery, procedures. */
export function binderPage(input: Material, nav: readonly NavEntry[] = []): string {
  const { inventory, people, view, lang, w, format } = input;
  const words = w.site.binder;
  const columns = w.oncall.columns;
  const order = startOrder(inventory);
  const used = order.map((id) => ({ service: id, runbook: inventory.services[id]!.runbook }));
  const elsewhere = Object.values(inventory.services)
    .filter(({ active, delivery }) => active && delivery.by === "supplier")
    .map(({ id, runbook }) => ({ service: id, runbook }));
  const chapters = [
    ...[...used, ...elsewhere].map(({ service, runbook }) => ({ id: `service-${service}`, name: runbook, service })),
    ...runbookNames("alerts").map((name) => ({ id: `alert-${name}`, name, service: undefined })),
  ].flatMap(({ id, name, service }): Chapter[] => {
    const found = renderRunbook(name, { inventory, people, view, lang, ...(service === undefined ? {} : { service }) });
    // Headings of a chapter come below the binder's own; its anchors are its own.
    return found ? [{ id, title: found.title, html: safeHtml(nested(found.html, id)) }] : [];
  });
  return template({
    frame: frame(inventory, lang, { title: words.long, internal: true, here: "/binder", nav }),
    made: words.made(format.date(view.now)),
    tables: [
      sectionModel({
        id: "contacts",
        title: words.contacts,
        columns: [{ label: columns.role }, { label: columns.holders }, { label: w.oncall.level2 }],
        rows: roleRows(input).map((role) => [
          { text: role.title, small: role.address },
          role.holders.length === 0
            ? { text: w.oncall.nobody, sign: "down" }
            : {
                text: "",
                lines: role.holders.map(({ name, phone, email }) => ({
                  text: [name, phone, email].filter(Boolean).join(" – "),
                })),
              },
          role.level2,
        ]),
        empty: w.site.directory.empty,
      }),
      sectionModel({
        id: "suppliers",
        title: words.suppliers,
        columns: [
          { label: columns.supplier },
          { label: columns.services },
          { label: columns.contact },
          { label: columns.contract },
        ],
        rows: supplierRows(input).map(({ name, services, phone, email, notes, contract }) => [
          name,
          services,
          { text: [phone, email].filter(Boolean).join(" – "), small: notes },
          contract,
        ]),
        empty: w.oncall.noSuppliers,
      }),
      sectionModel({
        id: "order",
        title: words.order,
        intro: words.orderIntro,
        columns: [
          { label: words.step },
          { label: columns.service },
          { label: columns.host },
          { label: columns.container },
        ],
        rows: order.map((id, index) => {
          const service = inventory.services[id]!;
          const host = service.delivery.by === "us" ? inventory.hosts[service.delivery.host] : undefined;
          return [
            String(index + 1),
            service.name[lang],
            host ? { text: host.name[lang], small: host.address } : "",
            service.container ?? "",
          ];
        }),
        empty: "",
      }),
    ],
    steps: words.recoverySteps,
    keys: Object.values(people.holders).flatMap(({ name, phone, recoveryKey }) =>
      recoveryKey === undefined ? [] : [[name, phone && shownPhone(phone)].filter(Boolean).join(" – ")],
    ),
    chapters,
  });
}

/** HTML of a page of its own as a part of a longer one, where asides would be as many landmarks of one name. */
function nested(html: string, id: string): string {
  return html
    .replace(/<aside( class="[^"]*")? aria-labelledby="[^"]*"/g, "<div$1")
    .replaceAll("</aside>", "</div>")
    .replace(/(<\/?)h([1-5])(?=[\s>])/g, (_, open: string, level: string) => `${open}h${Number(level) + 1}`)
    .replace(/\b(id|aria-labelledby)="([^"]+)"/g, (_, name: string, value: string) => `${name}="${id}-${value}"`)
    .replace(/href="#([^"]+)"/g, (_, value: string) => `href="#${id}-${value}"`);
}
