import { mailService } from "../association/dns/index.ts";
import type { Inventory } from "../association/index.ts";
import { engineOf } from "./recovery/agent.ts";
import { Refusal } from "./refusal.ts";
import { type Ended, run } from "./run.ts";

/** The mail server's container, and how to reach its engine. */
export interface MailContainer {
  container: string;
  engine: string;
}

/** @throws {Refusal} where the association runs no mail server */
export function mailContainer(inventory: Inventory): MailContainer {
  const mail = mailService(inventory);
  if (mail?.service.container === undefined)
    throw new Refusal({
      what: "No mail server of ours is declared",
      fix: 'Declare a service with `delivery: { by: "us", kind: "mail", … }`: docs/mail.md tells how',
    });
  return { container: mail.service.container, engine: engineOf(mail.host.engine) };
}

/** Runs a command in the mail server's container. */
export const askMail = ({ engine, container }: MailContainer, ...words: string[]): Promise<Ended> =>
  run("docker", ["--host", engine, "exec", container, ...words]);

const PUBLIC_KEYS = "/var/lib/vigie-mail-public/dkim.json";

/** Public halves of the DKIM keys, TXT value by name; undefined while the server has not made them, or is not there. */
export async function publicKeys(mail: MailContainer): Promise<Record<string, string> | undefined> {
  const { code, stdout } = await askMail(mail, "cat", PUBLIC_KEYS);
  if (code !== 0) return undefined;
  const { records } = JSON.parse(stdout) as { records: { name: string; value: string }[] };
  return Object.fromEntries(records.map(({ name, value }) => [name, value]));
}
