import { resolve } from "node:path";
import { baseOf } from "../dashboards/pages/incidents.ts";
import { type Command, stackFlags } from "./command.ts";
import { readDeclared, readSettings } from "./declared.ts";
import { askBy } from "./export/ask.ts";
import { filesOf } from "./export/files.ts";
import { refuseOther, replaceFolder } from "./export/folder.ts";
import { gather } from "./export/gather.ts";
import { engineOf } from "./recovery/agent.ts";
import { Refusal } from "./refusal.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";
import { stackName } from "./stack.ts";
import { lookoutOf } from "./upgrade/soak.ts";

const PATIENCE_MS = 120_000;

const command: Command = {
  flags: {
    ...stackFlags,
    to: { type: "string", value: "FOLDER", help: "where to write them; replaced as a whole each time" },
    at: { type: "string", value: "URL", help: "where they will be served, for the addresses in feeds and badges" },
  },
  notes:
    "Public pages only, in each language, with feeds, calendar and badges: files that any static host can serve, each page saying when it was exported.",
  async run({ flags }) {
    const at = servedAt(flags.at);
    if (flags.to === undefined)
      throw new Refusal({ what: "`export`: --to is missing", fix: "npm run export -- --to FOLDER" });
    const folder = resolve(String(flags.to));
    refuseOther(folder);
    const stack = stackName(flags.stack);
    const declaration = typeof flags.declaration === "string" ? { declaration: flags.declaration } : {};
    const { inventory, people } = await readDeclared(stack, { ...readSettings(stack), ...declaration });
    const lookout = lookoutOf(inventory, engineOf);
    if (lookout === undefined)
      throw new Refusal({
        what: "There is no lookout whose pages could be exported",
        fix: "declare one, and `npm run up`",
      });
    const inside = ["--host", lookout.engine, "exec", lookout.container, "node"];
    const ask = askBy((words) => run("docker", [...inside, ...words], { timeout: PATIENCE_MS }), lookout.port);
    const edition = {
      inventory,
      people,
      now: Date.now(),
      base: baseOf(inventory),
      ...(at === undefined ? {} : { at }),
    };
    const files = filesOf(await gather(inventory, ask), edition);
    replaceFolder(folder, files);
    say.good(`${files.size} files`);
    say.result(folder);
  },
};
export default command;

/** @throws Refusal where it is no address of a site */
function servedAt(text: string | boolean | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(String(text));
  if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username)
    throw new Refusal({ what: `--at ${text} is no web address`, fix: "--at https://status.example.org" });
  return url.href.replace(/\/+$/, "");
}
