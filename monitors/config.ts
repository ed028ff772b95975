import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { INVENTORY_VERSION, type Inventory, type People } from "../association/index.ts";
import { problemsOf } from "../association/issues.ts";
import { describeProblem, type Problem, unknownName } from "../association/problems.ts";
import { parseAddress } from "./net/address.ts";

const webUrl = z.url({ protocol: /^https?$/, error: "an http(s) address" });
const path = z.string().startsWith("/", "an absolute path");

/** How this exporter runs: `exporter.json`, written by the stack. */
const settings = z.strictObject({
  /** Port to serve pages and metrics on. */
  listen: z.number().int().min(0).max(65_535).default(9464),
  /** Address to serve on. */
  address: z.string().default("0.0.0.0"),
  /** Folder for history and restic's cache. */
  data: path.default("/var/lib/vigie"),
  /** The host that the exporter runs on. */
  host: z.string(),
  /** The window on each host's engine, by host; `tokenFile` holds what to show it. */
  gates: z.record(z.string(), z.strictObject({ url: webUrl, tokenFile: path.optional() })).default({}),
  /** Where snapshots are kept. */
  repositories: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[\w-]+$/, "letters, digits, hyphens"),
        /** `rest:http://…` without user nor password, or a folder. */
        url: z.string().min(1),
        passwordFile: path,
        restUser: z.string().optional(),
        restPasswordFile: path.optional(),
      }),
    )
    .default([]),
  /** Backup agents, by host; `keyFile` holds what they and we know each other by. */
  agents: z.record(z.string(), z.strictObject({ url: webUrl, keyFile: path, repository: z.string() })).default({}),
  /** The audit trails of file servers, by service; `tokenFile` holds what to show them. */
  trails: z.record(z.string(), z.strictObject({ url: webUrl, tokenFile: path })).default({}),
  /** An authority of our own: where its certificate is served. */
  trust: z.strictObject({ url: webUrl }).optional(),
  alertmanager: webUrl.optional(),
  /** A file with what the proxy shows once it has verified a password: without it internal pages are refused. */
  proofFile: path.optional(),
  prometheus: webUrl.optional(),
  /** Where people find these pages. */
  publicUrl: webUrl.optional(),
  /** Places outside that answer as long as our own network works: `host:port`. None: failures are always the target's. */
  references: z
    .array(z.string().refine((text) => parseAddress(text) !== undefined, "an address such as 9.9.9.9:53"))
    .default([]),
  /** Other lookouts on the same inventory, with which a verdict is agreed on. */
  vantage: z
    .strictObject({
      /** What this one is called. */
      name: z.string().min(1).max(100),
      /** The file that holds the key of those that are told what this one sees: see `net/proven.ts`. */
      keyFile: path.optional(),
      /** It only tells others what it sees: no pages, no metrics. */
      only: z.boolean().default(false),
      /** Who is told from there when nothing proves any more that alerts get through, and after how many seconds. */
      tells: z.strictObject({ role: z.string(), after: z.number().positive() }).optional(),
      /** Those that are asked; `keyFile` holds their key. */
      peers: z.array(z.strictObject({ name: z.string().min(1).max(100), url: webUrl, keyFile: path })).default([]),
      /** How many must see a check down before it counts as down; more than half when left out. */
      quorum: z.number().int().min(1).optional(),
    })
    .optional(),
  /** How alerts reach people. */
  alerts: z
    .strictObject({
      /** The file that holds what Alertmanager shows. */
      tokenFile: path.optional(),
      /** The file that holds the address to call as long as alerting works. */
      deadmanFile: path.optional(),
      /** The mail server that takes messages. */
      smtp: z
        .strictObject({
          host: z.string().min(1),
          port: z.number().int().min(1).max(65_535).default(587),
          from: z.email(),
          username: z.string().optional(),
          passwordFile: path.optional(),
          implicitTls: z.boolean().optional(),
          serverName: z.string().optional(),
          allowPlain: z.boolean().optional(),
        })
        .optional(),
    })
    .prefault({}),
  /** Runs at the same time, at most. */
  concurrency: z.number().int().min(1).max(10_000).default(1000),
  /** What is kept of the past. */
  history: z
    .strictObject({
      /** Single results, in days. */
      rawDays: z.number().positive().default(7),
      /** Results put together by five minutes, in days. */
      fiveMinuteDays: z.number().positive().default(8),
      /** Results put together by the hour, in days. */
      hourDays: z.number().positive().default(100),
      /** Days and changes of status, in days. */
      dayDays: z.number().positive().default(400),
      /** Bound of the file, in megabytes. */
      maxMb: z.number().positive().default(800),
    })
    .prefault({}),
});

export interface Config {
  settings: z.output<typeof settings>;
  inventory: Inventory;
  people: People;
}

/** What the exporter relies on in an inventory; the rest was verified where it was built. */
const inventoryShape = z.looseObject({
  version: z.literal(INVENTORY_VERSION, `version ${INVENTORY_VERSION}: deploy the exporter and the inventory together`),
  association: z.looseObject({ id: z.string(), timeZone: z.string() }),
  hosts: z.record(z.string(), z.looseObject({ id: z.string() })),
  roles: z.record(z.string(), z.looseObject({ holderCount: z.number(), team: z.string() })),
  services: z.record(z.string(), z.looseObject({ id: z.string(), owner: z.string(), checks: z.array(z.string()) })),
  maintenance: z.record(z.string(), z.looseObject({ services: z.array(z.string()) })).default({}),
  checks: z.record(
    z.string(),
    z.looseObject({
      id: z.string(),
      service: z.string(),
      kind: z.string(),
      schedule: z.union([
        z.strictObject({ everySeconds: z.number().positive() }),
        z.strictObject({ cron: z.string() }),
      ]),
      timeoutSeconds: z.number().positive(),
      retries: z.number().int().min(0),
      failAfter: z.number().int().min(1),
      recoverAfter: z.number().int().min(1),
      params: z.record(z.string(), z.unknown()),
    }),
  ),
});

const peopleShape = z.looseObject({
  version: z.literal(INVENTORY_VERSION),
  holders: z.record(z.string(), z.looseObject({ name: z.string() })),
  roles: z.record(z.string(), z.array(z.string())),
});

/** A configuration that the exporter cannot start with; the message lists everything that is wrong with it. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Reads `exporter.json`, `inventory.json` and `people.json` of a folder.
 *
 * @param kinds the kinds of checks there are
 * @throws ConfigError naming each file, what was found there and what was expected
 */
export async function readConfig(folder: string, kinds: readonly string[]): Promise<Config> {
  const complaints: string[] = [];
  const read = async <T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const file = join(folder, name);
    const { value, problems } = await readJson(file, schema);
    complaints.push(...problems.map((problem) => `${file}:\n${describeProblem(problem)}`));
    return value;
  };
  const own = await read("exporter.json", settings);
  const inventory = (await read("inventory.json", inventoryShape)) as Inventory | undefined;
  const people = (await read("people.json", peopleShape)) as People | undefined;
  const more = [
    ...(own === undefined ? [] : await missingFiles(own)),
    ...(inventory === undefined ? [] : strangers(inventory, kinds)),
  ];
  complaints.push(...more.map(describeProblem));
  if (own === undefined || inventory === undefined || people === undefined || complaints.length > 0)
    throw new ConfigError(`The exporter's configuration is not usable:\n${complaints.join("\n")}`);
  return { settings: own, inventory, people };
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<{ value?: T; problems: Problem[] }> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    const found = (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (error as Error).message;
    return { problems: [{ path: "(the file)", found, expected: "JSON, written there by the stack" }] };
  }
  const { data, error } = schema.safeParse(raw, { reportInput: true });
  return error ? { problems: problemsOf(schema, error, raw, []) } : { value: data, problems: [] };
}

/** Files of secrets that are named and cannot be read. */
async function missingFiles({
  gates,
  repositories,
  agents,
  vantage,
  alerts,
  proofFile,
}: Config["settings"]): Promise<Problem[]> {
  const named: [string, string | undefined][] = [
    ...Object.entries(gates).map(([host, { tokenFile }]): [string, string | undefined] => [
      `gates.${host}.tokenFile`,
      tokenFile,
    ]),
    ["alerts.tokenFile", alerts.tokenFile],
    ["alerts.deadmanFile", alerts.deadmanFile],
    ["alerts.smtp.passwordFile", alerts.smtp?.passwordFile],
    ["vantage.keyFile", vantage?.keyFile],
    ...(vantage?.peers ?? []).map(({ keyFile }, index): [string, string] => [
      `vantage.peers[${index}].keyFile`,
      keyFile,
    ]),
    ...Object.entries(agents).map(([host, { keyFile }]): [string, string] => [`agents.${host}.keyFile`, keyFile]),
    ["proofFile", proofFile],
    ...repositories.flatMap(({ passwordFile, restPasswordFile }, index): [string, string | undefined][] => [
      [`repositories[${index}].passwordFile`, passwordFile],
      [`repositories[${index}].restPasswordFile`, restPasswordFile],
    ]),
  ];
  const checked = await Promise.all(
    named.map(async ([where, file]): Promise<Problem[]> => {
      if (file === undefined) return [];
      const readable = await access(file, constants.R_OK).then(
        () => true,
        () => false,
      );
      return readable ? [] : [{ path: where, found: file, expected: "a file that the exporter may read" }];
    }),
  );
  return checked.flat();
}

/** Checks that refer to what is not there. */
function strangers({ checks, services }: Inventory, kinds: readonly string[]): Problem[] {
  return Object.values(checks).flatMap(({ id, kind, service }) => [
    ...(kinds.includes(kind) ? [] : [unknownName(["checks", id, "kind"], kind, "a file of monitors/checks", kinds)]),
    ...(Object.hasOwn(services, service)
      ? []
      : [unknownName(["checks", id, "service"], service, "a service", Object.keys(services))]),
  ]);
}
