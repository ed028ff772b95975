import { type Command, help, readWords, suggestion } from "./command.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";

interface Entry {
  summary: string;
  /** Loaded only when asked for: the Automation API takes a second to load. */
  load: () => Promise<{ default: Command }>;
}

/** Every command, in the order in which `--help` lists them. */
const commands: Record<string, Entry> = {
  up: { summary: "Brings the association's systems up, or up to date.", load: () => import("./up.ts") },
  preview: { summary: "Shows what `up` would change, and changes nothing.", load: () => import("./preview.ts") },
  down: { summary: "Removes what `up` made, except the data.", load: () => import("./down.ts") },
  password: { summary: "Shows somebody's first password.", load: () => import("./password.ts") },
  dns: {
    summary: "Writes the DNS records that follow from the declaration, or compares them.",
    load: () => import("./dns.ts"),
  },
  dkim: { summary: "Tells which key signs mail, or hands over to the next.", load: () => import("./dkim.ts") },
  backup: { summary: "Takes snapshots now.", load: () => import("./backup.ts") },
  restore: {
    summary: "Lists snapshots, looks into them, brings files back.",
    load: () => import("./restore.ts"),
  },
  versions: {
    summary: "What each service runs, what is newer, and what is decided about it.",
    load: () => import("./versions-command.ts"),
  },
  upgrade: {
    summary: "Brings one service to a newer version, and back by itself where that fails.",
    load: () => import("./upgrade.ts"),
  },
  prove: {
    summary: "Restores snapshots into scratch, starts the services on them, and finds planted values again.",
    load: () => import("./prove.ts"),
  },
  escrow: {
    summary: "Encrypts what a rebuild needs to the holders' keys, or shows that one opens it.",
    load: () => import("./escrow.ts"),
  },
  drill: {
    summary: "Rebuilds everything on an empty engine from a copy of the backups and one key.",
    load: () => import("./drill.ts"),
  },
  rebuild: {
    summary: "Brings everything back after a loss, from a copy of the backups and one key.",
    load: () => import("./rebuild.ts"),
  },
  contacts: {
    summary: "Brings address books in from spreadsheets and cards, and out again.",
    load: () => import("./contacts.ts"),
  },
  pulumi: { summary: "Runs the Pulumi CLI on this project's state.", load: () => import("./pulumi-words.ts") },
  engine: {
    summary: "Tells whether Docker is ready, and starts it where nothing else does.",
    load: () => import("./engine-command.ts"),
  },
  binder: {
    summary: "Writes the emergency binder, to be printed: whom to call, how to restart, how to rebuild.",
    load: () => import("./binder.ts"),
  },
  export: {
    summary: "Writes the public pages as files that any static host can serve.",
    load: () => import("./export.ts"),
  },
  import: {
    summary:
      "Reads the configuration of Gatus, Uptime Kuma or blackbox_exporter, and writes the declaration of what it watches.",
    load: () => import("./import.ts"),
  },
  grafana: { summary: "Writes dashboards for Grafana, one file each.", load: () => import("./grafana.ts") },
  check: { summary: "Types, lint and unit tests, in under a minute.", load: () => import("./check.ts") },
  test: {
    summary: "Every test, on real engines and browsers; sets up what they need.",
    load: () => import("./test.ts"),
  },
  bench: { summary: "Measures times and memory.", load: () => import("./bench.ts") },
};

function overview(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  npm run ${name.padEnd(10)} ${summary}`);
  return ["Vigie", "", ...lines, "", "npm run NAME -- --help tells more about each."].join("\n");
}

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "help") {
    say.result(overview());
    return 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined)
    throw new Refusal({
      what: `There is no command "${name}"${suggestion(name, Object.keys(commands))}`,
      fix: overview(),
    });
  const command = (await entry.load()).default;
  if (!command.ownHelp && rest.includes("--help")) {
    say.result(help(name, entry.summary, command));
    return 0;
  }
  return (await command.run(readWords(name, command, rest))) ?? 0;
}

/** Errors meant for the user are words; anything else is a fault of ours, and needs its stack trace. */
function report(error: unknown): number {
  const words = error instanceof Refusal || (error instanceof Error && error.name === "DeclarationError");
  say.bad(words ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  return error instanceof Refusal ? error.exitCode : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
