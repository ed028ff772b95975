import { Resolver } from "node:dns/promises";
import { type Answers, type DnsRecord, questionsOf } from "../../association/dns/index.ts";
import { Refusal } from "../refusal.ts";

/** An answer as it would stand in a zone file, from what node's resolver makes of it. */
const AS_TEXT: Readonly<Record<DnsRecord["type"], (answer: never) => string>> = {
  A: (answer: string) => answer,
  AAAA: (answer: string) => answer,
  CNAME: (answer: string) => answer,
  NS: (answer: string) => answer,
  TXT: (pieces: string[]) => pieces.join(""),
  MX: ({ priority, exchange }: { priority: number; exchange: string }) => `${priority} ${exchange}`,
  SRV: ({ priority, weight, port, name }: { priority: number; weight: number; port: number; name: string }) =>
    `${priority} ${weight} ${port} ${name === "" ? "." : name}`,
};

/** Questions asked at once: a zone has dozens of names, and servers count how many come from one address. */
const AT_ONCE = 8;
const ABSENT: ReadonlySet<string> = new Set(["ENODATA", "ENOTFOUND"]);

/**
 * What the DNS answers to the questions that some records answer.
 *
 * @param server `address` or `address:port`; this machine's resolvers when left out
 * @throws {Refusal} where the server does not answer: "no such record" is an answer, silence is not
 */
export async function answersOf(records: readonly DnsRecord[], server?: string): Promise<Answers> {
  const resolver = new Resolver({ timeout: 3000, tries: 3 });
  if (server !== undefined) resolver.setServers([server]);
  const questions = questionsOf(records);
  const found = new Map<string, string[]>();
  for (let from = 0; from < questions.length; from += AT_ONCE) {
    await Promise.all(
      questions.slice(from, from + AT_ONCE).map(async ({ name, type }) => {
        found.set(`${name} ${type}`, await ask(resolver, name, type, server));
      }),
    );
  }
  return (name, type) => found.get(`${name} ${type}`) ?? [];
}

async function ask(resolver: Resolver, name: string, type: DnsRecord["type"], server?: string): Promise<string[]> {
  try {
    const answers = (await resolver.resolve(name, type)) as unknown[];
    return answers.map((answer) => AS_TEXT[type](answer as never));
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (ABSENT.has(code)) return [];
    throw new Refusal({
      what: `${server ?? "This machine's resolver"} does not answer for ${name} ${type} (${code || error})`,
      fix: "Name another server: --server ADDRESS",
    });
  }
}
