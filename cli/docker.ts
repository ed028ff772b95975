import { request } from "node:http";
import { run } from "./run.ts";

/** Where an engine listens when nothing says otherwise. */
export const DEFAULT_ENDPOINT = "unix:///var/run/docker.sock";

/** An engine that did not answer; `code` is the system's (ENOENT, EACCES, ECONNREFUSED …), or `EREMOTE` over the network. */
export class NoAnswer extends Error {
  override name = "NoAnswer";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What `GET /info` tells that we use (Docker Engine API 1.41). */
export interface EngineInfo {
  DockerRootDir: string;
  MemTotal: number;
  Name: string;
  ServerVersion: string;
}

/** A container as `GET /containers/json` lists it. */
export interface ContainerSummary {
  Id: string;
  Names: string[];
  Ports: { IP?: string; PrivatePort: number; PublicPort?: number; Type: string }[];
}

/**
 * Asks an engine for a JSON document.
 *
 * A socket is asked directly, because the docker program's words for "missing", "stopped" and "not permitted" vary with its
 * version while the system's error codes do not; other engines through that program, which knows about ssh and TLS.
 *
 * @param endpoint `unix://…`, `ssh://…` or `tcp://…`
 * @throws {NoAnswer}
 */
export function ask<T>(endpoint: string, path: keyof typeof VIA_PROGRAM): Promise<T> {
  return endpoint.startsWith("unix://")
    ? askSocket(endpoint.slice("unix://".length), path)
    : askProgram(endpoint, path);
}

/** The words of the docker program that give the same document as a path of the API. */
const VIA_PROGRAM = {
  "/version": ["version", "--format", "{{json .Server}}"],
  "/info": ["info", "--format", "{{json .}}"],
} as const satisfies Record<string, readonly string[]>;

/** As `ask`, for any path; sockets only. */
export async function askSocket<T>(socketPath: string, path: string): Promise<T> {
  return JSON.parse(await callSocket(socketPath, "GET", path)) as T;
}

/**
 * Calls an engine's API and gives the body of its answer.
 * @param idle milliseconds of silence after which it is given up
 * @throws {NoAnswer} with code `E404`, `E409` … where the engine refuses
 */
export function callSocket(socketPath: string, method: string, path: string, idle = 10_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method, headers: { host: "docker" }, timeout: idle }, (response) => {
      let body = "";
      response
        .setEncoding("utf8")
        .on("data", (text) => {
          body += text;
        })
        .on("end", () => {
          if ((response.statusCode ?? 500) >= 400) reject(new NoAnswer(`E${response.statusCode}`, body.trim()));
          else resolve(body);
        });
    });
    call.on("timeout", () =>
      call.destroy(Object.assign(new Error(`no answer in ${idle / 1000} s`), { code: "ETIMEDOUT" })),
    );
    call.on("error", (error: NodeJS.ErrnoException) => reject(new NoAnswer(error.code ?? "EUNKNOWN", error.message)));
    call.end();
  });
}

async function askProgram<T>(endpoint: string, path: keyof typeof VIA_PROGRAM): Promise<T> {
  const { code, stdout, stderr } = await run("docker", ["--host", endpoint, ...VIA_PROGRAM[path]], { timeout: 30_000 });
  if (code === 127) throw new NoAnswer("ENOPROGRAM", "the docker program is not installed");
  if (code !== 0) throw new NoAnswer("EREMOTE", stderr.trim() || "no answer in 30 s");
  return JSON.parse(stdout) as T;
}
