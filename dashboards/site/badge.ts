import { compileText } from "../html.ts";
import { type ServiceStatus, toldStatus } from "../view.ts";
import { definePage } from "./_page.ts";

/** Readable on white letters (contrast 4.5:1 or more), as the pages' own colours are. */
const COLOURS: Readonly<Record<ServiceStatus, string>> = {
  operational: "#1b6152",
  degraded: "#7f4a00",
  down: "#97271c",
  maintenance: "#2b3a66",
  unknown: "#4b616c",
};

const template = compileText<{ name: string; state: string; colour: string; left: number; right: number }>(
  `<svg xmlns="http://www.w3.org/2000/svg" width="{{left}}" height="22" role="img" aria-label="{{name}}: {{state}}"><title>{{name}}: {{state}}</title><path fill="#14303d" d="M0 0h{{right}}v22H0z"/><path fill="{{colour}}" d="M{{right}} 0H{{left}}v22H{{right}}z"/><g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11"><text x="8" y="15">{{name}}</text><text x="{{right}}" dx="8" y="15">{{state}}</text></g></svg>`,
);

/** Pixels that a sign takes, about, in the badge's letters; and the room around a text. */
const SIGN = 7;
const ROOM = 16;
const LONGEST = 40;

/** A service's state as a small picture, for other people's pages. */
export default definePage({
  path: "/badges/:name",
  audience: "public",
  type: "image/svg+xml",
  addresses: ({ inventory }) =>
    Object.values(inventory.services)
      .filter(({ active, audience }) => active && audience === "public")
      .map(({ id }) => `/badges/${id}.svg`),
  render: ({ inventory, view, lang, w, params }) => {
    const id = /^(.+)\.svg$/.exec(params.name!)?.[1];
    const service = id !== undefined && Object.hasOwn(inventory.services, id) ? inventory.services[id] : undefined;
    if (service === undefined || !service.active || service.audience !== "public") return undefined;
    const status = toldStatus(inventory, service, view);
    const name = service.name[lang].slice(0, LONGEST);
    const state = w.status.service[status];
    const right = name.length * SIGN + ROOM;
    return template({ name, state, colour: COLOURS[status], right, left: right + state.length * SIGN + ROOM });
  },
});
