import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL } from "../places.ts";
import type { Report } from "./report.ts";

/** How far a drill has come, so that an interrupted one goes on: its clock runs on as well, as it would in an accident. */
export interface State {
  started: string;
  engine: string;
  loaded: boolean;
  /** Volumes restored and compared. */
  volumes: Report["volumes"];
}

const fileOf = (stack: string): string => join(LOCAL, `${stack}.json`);

/** How far an interrupted one came; undefined where there is none. */
export function findState(stack: string, engine: string): State | undefined {
  try {
    const state = JSON.parse(readFileSync(fileOf(stack), "utf8")) as State;
    return state.engine === engine ? state : undefined;
  } catch {
    return undefined;
  }
}

export const readState = (stack: string, engine: string): State =>
  findState(stack, engine) ?? { started: new Date().toISOString(), engine, loaded: false, volumes: [] };

export function keepState(stack: string, state: State): void {
  mkdirSync(LOCAL, { recursive: true, mode: 0o700 });
  writeFileSync(`${fileOf(stack)}.new`, JSON.stringify(state));
  renameSync(`${fileOf(stack)}.new`, fileOf(stack));
}

export const forgetState = (stack: string): void => rmSync(fileOf(stack), { force: true });
