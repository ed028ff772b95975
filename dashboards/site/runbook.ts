import { renderRunbook, runbookNames } from "../../runbooks/render.ts";
import { documentPage } from "../render.ts";
import { definePage } from "./_page.ts";

/** A runbook, with the values of the service that it is read for. */
export default definePage({
  path: "/runbooks/:name",
  audience: "internal",
  maxAgeMs: 2000,
  addresses: () => runbookNames().map((name) => `/runbooks/${name}`),
  render: ({ inventory, people, view, lang, params, query: { service }, nav }) => {
    const found = renderRunbook(params.name!, { inventory, people, view, service, lang });
    const query: Record<string, string> = service === undefined ? {} : { service };
    return found && documentPage(inventory, { ...found, query, nav }, lang);
  },
});
