import { isIP } from "node:net";
import {
  type Difference,
  type DnsRecord,
  differences,
  dnsRecords,
  isPlaceholder,
  mailService,
  nameServersOf,
  pastedText,
  record,
  recordsText,
  zoneText,
} from "../association/dns/index.ts";
import { type Inventory, provider } from "../association/index.ts";
import { type Command, stackFlags, suggestion } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { answersOf } from "./dns/answers.ts";
import { mailContainer, publicKeys } from "./mail-server.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { stackName } from "./stack.ts";

/** The domains that were asked for: all, or the one that was typed. @throws {Refusal} naming the nearest */
export function chosenDomains(inventory: Inventory, typed: string | undefined): string[] {
  const all = Object.keys(inventory.domains);
  if (typed === undefined) return all;
  if (all.includes(typed)) return [typed];
  throw new Refusal({
    what: `"${typed}" is not a domain of the association${suggestion(typed, all)}`,
    fix: `Domains: ${all.join(", ")}`,
  });
}

/** A server's address as node takes it. @throws {Refusal} */
export function serverOf(typed: unknown): string | undefined {
  if (typeof typed !== "string") return undefined;
  const [, host, port = "53"] = /^(.*?)(?::(\d{1,5}))?$/.exec(typed) ?? [];
  if (isIP(typed) !== 0) return typed;
  if (host !== undefined && isIP(host) === 4 && Number(port) >= 1 && Number(port) <= 65_535) return typed;
  throw new Refusal({ what: `"${typed}" is not a name server's address`, fix: "Such as 192.0.2.53 or 127.0.0.1:5359" });
}

/** Who is asked where nobody is named: our own name server for names that the world cannot ask about, else this machine's resolvers. */
export function usualServer(domain: string, { services, hosts }: Inventory): string | undefined {
  if (!/(^|\.)(localhost|test|example|invalid|internal)$/.test(domain)) return undefined;
  const names = provider("names", services);
  const port = names?.ports.dns?.published;
  if (names?.delivery.by !== "us" || port === undefined) return undefined;
  const { publishOn, address } = hosts[names.delivery.host]!;
  const at = [publishOn, address].find((one) => one !== undefined && isIP(one) !== 0 && one !== "0.0.0.0");
  return at === undefined ? undefined : `${at}:${port}`;
}

/** A difference in words, one line each. */
export const describeDifference = ({ name, type, missing, unexpected }: Difference): string[] => [
  ...missing.map((value) => `- ${name} ${type} ${value}   declared, not answered`),
  ...unexpected.map((value) => `+ ${name} ${type} ${value}   answered, not declared`),
];

const command: Command = {
  words: { usage: "[DOMAIN]", min: 0, max: 1 },
  flags: {
    ...stackFlags,
    paste: { type: "boolean", help: "as a registrar's form takes them, in columns" },
    check: { type: "boolean", help: "compare with what the DNS answers; ends with 1 where it differs" },
    server: {
      type: "string",
      value: "ADDRESS",
      help: "the name server to compare with, such as 192.0.2.53 or 127.0.0.1:5359",
    },
  },
  notes:
    "Without a flag it writes a zone file (RFC 1035) for each domain; without SOA and NS records, which are the registrar's, where the name server is not ours.",
  async run({ flags, words: [typed] }) {
    const name = stackName(flags.stack);
    const declaration = typeof flags.declaration === "string" ? { declaration: flags.declaration } : {};
    const inventory = await readInventory(name, { ...readSettings(name), ...declaration });
    const domains = chosenDomains(inventory, typed);
    const server = serverOf(flags.server);
    const keys = mailService(inventory) ? await publicKeys(mailContainer(inventory)) : {};
    const records = dnsRecords(inventory, keys);
    if (keys === undefined)
      say.warn(`DKIM keys are left out: the mail server makes them. npm run up -- --stack ${name}   starts it`);
    if (flags.check) return check(domains, records, inventory, server);
    for (const domain of domains) {
      const made = records[domain]!.filter((one) => !isPlaceholder(one));
      if (flags.paste) say.result(`${domain}\n\n${pastedText(made, domain)}`);
      else say.result(zoneFile(domain, made, inventory));
    }
    return 0;
  },
};

/** A zone as a file: whole where the name server is ours, for the registrar's to be added to where it is theirs. */
function zoneFile(domain: string, records: readonly DnsRecord[], inventory: Inventory): string {
  const nameServers = nameServersOf(inventory);
  if (nameServers.length === 0) return recordsText(domain, records);
  // The serial is of the moment, as name servers ask it to grow (RFC 1982).
  const serial = Math.floor(Date.now() / 1000);
  return zoneText({ domain, nameServers, contact: `postmaster@${inventory.association.mainDomain}`, serial }, records);
}

/** Who serves a zone that is ours: part of its head in a zone file, and changed at the registrar like any record. */
const servedBy = (domain: string, inventory: Inventory): DnsRecord[] =>
  nameServersOf(inventory).map((name) => record(domain, "NS", name, "names"));

async function check(
  domains: readonly string[],
  records: Readonly<Record<string, DnsRecord[]>>,
  inventory: Inventory,
  server: string | undefined,
): Promise<number> {
  let wrong = 0;
  for (const domain of domains) {
    const asked = server ?? usualServer(domain, inventory);
    const wanted = [...records[domain]!, ...servedBy(domain, inventory)];
    const found = differences(wanted, await answersOf(wanted, asked));
    const whom = asked ?? "this machine's resolvers";
    if (found.length === 0) say.good(`${domain}: ${whom} answers all ${wanted.length} declared records`);
    else say.bad(`${domain}: ${found.length} names differ, as ${whom} answers`);
    for (const difference of found) for (const line of describeDifference(difference)) say.result(line);
    wrong += found.length;
  }
  return wrong === 0 ? 0 : 1;
}

export default command;
