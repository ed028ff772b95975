import type * as pulumi from "@pulumi/pulumi";
import type { People, Person } from "../association/index.ts";
import type { Secrets } from "./secrets.ts";

/** Everybody who has an account, by login. */
export const accounts = (people: People): Person[] =>
  Object.values(people.holders).sort((a, b) => (a.login < b.login ? -1 : 1));

/** One file a person with the first password, under `passwords/`. */
export const passwordFiles = (people: People, secrets: Secrets): Record<string, pulumi.Output<string>> =>
  Object.fromEntries(accounts(people).map(({ login }) => [`passwords/${login}`, secrets.password(login)]));
