import { fileServers, filesPage, trailQuery } from "../pages/files.ts";
import { definePage } from "./_page.ts";

/** The audit trail of the file servers: who did what to which file. */
export default definePage({
  path: "/files",
  audience: "internal",
  nav: { order: 25, label: (w) => w.nav.files, where: (inventory) => fileServers(inventory).length > 0 },
  asks: trailQuery,
  render: filesPage,
});
