import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { restPlace } from "../../../../stacks/services/backup/image/agent/place.ts";
import { ensureRepository, Unusable } from "../../../../stacks/services/backup/image/agent/repository.ts";
import type { Outcome, Restic } from "../../../../stacks/services/backup/image/agent/restic.ts";

const outcome = (code: number, errors: string[] = []): Outcome => ({
  code,
  errors,
  errorCount: errors.length,
  expectedCount: 0,
  values: [],
});

/** As much of an append-only REST server as making a repository takes. */
class Rest {
  readonly objects = new Map<string, string>();
  readonly #server: Server;
  status = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url!, "http://rest");
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () =>
        response.writeHead(this.#answer(request.method!, pathname, body, request.headers.authorization)).end(),
      );
    });
  }

  #answer(method: string, path: string, body: string, authorization = ""): number {
    if (this.status) return this.status;
    if (authorization !== `Basic ${Buffer.from("main:p:ss").toString("base64")}`) return 401;
    if (path === "/main/") return 200;
    if (method === "HEAD") return this.objects.has(path) ? 200 : 404;
    if (method === "DELETE") {
      if (!path.startsWith("/main/locks/")) return 403;
      return this.objects.delete(path) ? 200 : 404;
    }
    if (this.objects.has(path)) return 403;
    if (path !== "/main/config" && createHash("sha256").update(body).digest("hex") !== path.split("/").at(-1))
      return 400;
    this.objects.set(path, body);
    return 200;
  }

  async start(): Promise<URL> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/main/`);
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(() => done()));
  }
}

describe("ensureRepository on a REST server", () => {
  const rest: Rest[] = [];
  afterEach(() => Promise.all(rest.splice(0).map((server) => server.stop())));

  async function set(up?: (server: Rest) => void) {
    const server = new Rest();
    rest.push(server);
    up?.(server);
    const address = await server.start();
    const inits: number[] = [];
    let inside = 0;
    // As restic: looks, takes its time, writes a key, and only then fails if another was faster.
    const restic: Restic = async ([command]) => {
      expect(command).toBe("init");
      inits.push(++inside);
      await new Promise((done) => setTimeout(done, 20));
      inside--;
      if (server.objects.has("/main/config")) return outcome(1, ["config already exists"]);
      server.objects.set("/main/config", "made");
      return outcome(0);
    };
    return { server, address, restic, inits, place: () => restPlace(address, "main", "p:ss") };
  }

  it("finds one that is there", async () => {
    const { restic, place, inits } = await set((server) => server.objects.set("/main/config", "old"));
    expect(await ensureRepository(restic, place())).toBe("found");
    expect(inits).toEqual([]);
  });

  it("makes one that is not, and leaves the way free", async () => {
    const { server, restic, place } = await set();
    expect(await ensureRepository(restic, place())).toBe("made");
    expect([...server.objects.keys()]).toEqual(["/main/config"]);
  });

  it("is made once when many agents start together", async () => {
    const { server, restic, place, inits } = await set();
    const made = await Promise.all(Array.from({ length: 8 }, () => ensureRepository(restic, place(), 10)));
    expect(made.filter((how) => how === "made")).toHaveLength(1);
    expect(inits).toEqual([1]);
    expect([...server.objects.keys()]).toEqual(["/main/config"]);
  });

  it("gets past an agent that died in its turn", async () => {
    const { restic, place } = await set();
    await place().enter();
    expect(await ensureRepository(restic, place(), 1, 3)).toBe("made");
  });

  it("frees the way when it could not be made, and says why", async () => {
    const { server, place } = await set();
    const failing: Restic = async () => outcome(1, ["no space left on device"]);
    await expect(ensureRepository(failing, place())).rejects.toThrow("cannot be made: no space left on device");
    expect(server.objects.size).toBe(0);
  });

  it("names the file with the wrong password", async () => {
    const { address, restic } = await set();
    await expect(ensureRepository(restic, restPlace(address, "main", "other"))).rejects.toThrow("rest-password file");
  });

  it.each([500, 403])("does not take an answer of %i for a missing repository", async (status) => {
    const { server, restic, place, inits } = await set();
    server.status = status;
    await expect(ensureRepository(restic, place())).rejects.toThrow(Unusable);
    expect(inits).toEqual([]);
  });

  it("says which server does not answer", async () => {
    const { server, address, restic, place } = await set();
    await server.stop();
    rest.splice(0);
    await expect(ensureRepository(restic, place())).rejects.toThrow(`${address.host} does not answer`);
  });
});
