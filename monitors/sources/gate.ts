import { readFile } from "node:fs/promises";
import { z } from "zod";
import { LABELS, type Shape } from "../../association/index.ts";
import { describeError, reasonOfError } from "../net/failure.ts";
import { getText } from "../net/get-text.ts";
import { shared } from "./shared.ts";

/** A container as the engine lists it. Texts come from the engine: hostile until escaped. */
export interface ListedContainer {
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  state: string;
  /** In the engine's words: `Up 2 minutes (healthy)`, `Exited (137) 3 hours ago`. */
  status: string;
  /** Id of its image. */
  image: string;
  labels: Readonly<Record<string, string>>;
  shape: Shape;
}

/** Room on the disk that holds an engine's volumes. */
export interface Disk {
  bytes: number;
  bytesFree: number;
  /** 0 where the file system has no fixed number of inodes. */
  inodes: number;
  inodesFree: number;
}

export type DiskAnswer = { ok: true; disk: Disk } | { ok: false; message: string };

export type Listing = { ok: true; containers: ReadonlyMap<string, ListedContainer> } | { ok: false; message: string };

/** A window on one host's engine. */
export interface Gate {
  url: string;
  /** By name; asked once every few seconds, however many checks want it. */
  containers(signal: AbortSignal): Promise<Listing>;
  /** As the gate itself sees it. */
  disk(signal: AbortSignal): Promise<DiskAnswer>;
}

export interface GateOptions {
  url: string;
  /** File with the token to show, where the gate asks for one. */
  tokenFile?: string;
}

const FRESH_MS = 3000;
const LIMIT_MS = 8000;
const MOST_BYTES = 8 * 1024 * 1024;

/** What is used of `GET /containers/json` (Docker Engine API 1.41). */
const answer = z.array(
  z.object({
    Names: z.array(z.string()).nullable(),
    State: z.string(),
    Status: z.string(),
    ImageID: z.string().default(""),
    Labels: z.record(z.string(), z.string()).nullish(),
    Ports: z
      .array(
        z.object({
          IP: z.string().optional(),
          PrivatePort: z.number(),
          PublicPort: z.number().optional(),
          Type: z.string(),
        }),
      )
      .nullish(),
    NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }).nullish(),
    Mounts: z
      .array(z.object({ Type: z.string(), Name: z.string().optional(), Destination: z.string(), RW: z.boolean() }))
      .nullish(),
  }),
);
type Listed = z.output<typeof answer>[number];

function read({ State, Status, ImageID, Labels, Ports, NetworkSettings, Mounts }: Listed): ListedContainer {
  const own = Object.entries(Labels ?? {}).filter(([label]) => (Object.values(LABELS) as string[]).includes(label));
  return {
    state: State,
    status: Status,
    image: ImageID,
    labels: Object.fromEntries(own),
    shape: {
      networks: Object.keys(NetworkSettings?.Networks ?? {}),
      mounts: (Mounts ?? [])
        .filter(({ Type }) => Type === "volume" || Type === "bind")
        .map(({ Type, Name, Destination, RW }) => ({
          path: Destination,
          writable: RW,
          ...(Type === "volume" && Name !== undefined ? { source: Name } : {}),
        })),
      ports: (Ports ?? []).flatMap(({ IP, PrivatePort, PublicPort, Type }) =>
        PublicPort === undefined ? [] : [`${IP ?? ""}:${PublicPort}->${PrivatePort}/${Type}`],
      ),
    },
  };
}

/** What the gate writes of its own root, which lies on the disk of the engine's volumes (statfs(2)). */
const room = z.object({
  blockSize: z.number().positive(),
  blocks: z.number().positive(),
  available: z.number().nonnegative(),
  files: z.number().nonnegative(),
  filesFree: z.number().nonnegative(),
});

export function makeGate({ url, tokenFile }: GateOptions): Gate {
  const base = `${url.replace(/\/$/, "")}/`;
  const address = new URL("containers/json?all=true", base);
  const fetchListing = async (signal: AbortSignal): Promise<Listing> => {
    try {
      const text = await get(address, tokenFile, signal);
      const containers = new Map<string, ListedContainer>();
      for (const one of answer.parse(JSON.parse(text)))
        for (const name of one.Names ?? []) containers.set(name.replace(/^\//, ""), read(one));
      return { ok: true, containers };
    } catch (error) {
      return { ok: false, message: `${address.origin}: ${explain(error, "list of containers")}` };
    }
  };
  const fetchDisk = async (signal: AbortSignal): Promise<DiskAnswer> => {
    try {
      const found = room.parse(JSON.parse(await get(new URL("disk", base), tokenFile, signal)));
      const { blockSize, blocks, available, files, filesFree } = found;
      return {
        ok: true,
        disk: { bytes: blocks * blockSize, bytesFree: available * blockSize, inodes: files, inodesFree: filesFree },
      };
    } catch (error) {
      return { ok: false, message: `${address.origin}: ${explain(error, "description of a disk")}` };
    }
  };
  return {
    url: address.origin,
    containers: shared(FRESH_MS, LIMIT_MS, fetchListing),
    disk: shared(FRESH_MS, LIMIT_MS, fetchDisk),
  };
}

async function get(address: URL, tokenFile: string | undefined, signal: AbortSignal): Promise<string> {
  // The token is read each time: it may be renewed while the exporter runs.
  const token = tokenFile === undefined ? undefined : (await readFile(tokenFile, "utf8")).trim();
  const { status, text } = await getText(address, {
    headers: { accept: "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    signal,
    most: MOST_BYTES,
    what: "the listing",
  });
  if (status !== 200) throw new Error(`answered with status ${status}, expected 200`);
  return text;
}

function explain(error: unknown, wanted: string): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) return `the answer is no ${wanted}`;
  if ((error as Error).name === "TimeoutError") return `no answer within ${LIMIT_MS / 1000} s`;
  return describeError(error, reasonOfError(error));
}
