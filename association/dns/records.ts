import type { Inventory } from "../inventory.ts";
import { provider, proxyFor } from "../services.ts";
import { clientRecords } from "./clients.ts";
import { type MailService, mailService } from "./mail-service.ts";
import { nameServerRecords } from "./name-servers.ts";
import { dmarcText, mtaStsId, mtaStsPolicy, spfText, tlsReportText } from "./policies.ts";
import { addressRecord, type DnsRecord, record } from "./record.ts";

/** Public halves of DKIM keys, known once the mail server has made them: TXT value by full name. */
export type DkimKeys = Readonly<Record<string, string>>;

/** What stands for a key that is not made yet; `isPlaceholder` tells. */
const PLACEHOLDER = "v=DKIM1; k=rsa; p=… (vigie-dkim records, on the mail server)";
export const isPlaceholder = ({ value }: DnsRecord): boolean => value === PLACEHOLDER;

/**
 * Every record that the declaration implies, by domain of the association; sorted, without duplicates.
 * Web names lead to the proxy of their service's host; mail records exist where a mail service is declared.
 */
export function dnsRecords(inventory: Inventory, keys: DkimKeys = {}): Record<string, DnsRecord[]> {
  const mail = mailService(inventory);
  const domains = Object.keys(inventory.domains);
  const web = webRecords(inventory);
  const all = [
    ...web,
    ...addressBooks(inventory),
    // Where the name server has a name that a service has too, that one's address is its own.
    ...nameServerRecords(inventory).filter(({ name }) => !web.some((one) => one.name === name)),
    ...(mail
      ? [...serverRecords(mail), ...domains.flatMap((domain) => domainRecords(domain, mail, inventory, keys))]
      : []),
  ];
  const unique = [...new Map(all.map((one) => [`${one.name} ${one.type} ${one.value}`, one])).values()].sort(byName);
  return Object.fromEntries(
    domains.map((domain) => [domain, unique.filter(({ name }) => zoneOf(name, domains) === domain)]),
  );
}

/** The zone that a name belongs to: the longest domain that it ends with. */
const zoneOf = (name: string, domains: readonly string[]): string | undefined =>
  domains.filter((domain) => name === domain || name.endsWith(`.${domain}`)).sort((a, b) => b.length - a.length)[0];

const byName = (a: DnsRecord, b: DnsRecord): number => {
  const [left, right] = [a, b].map(
    ({ name, type, value }) => `${name.split(".").reverse().join(".")} ${type} ${value}`,
  );
  return left! < right! ? -1 : 1;
};

function webRecords(inventory: Inventory): DnsRecord[] {
  return Object.values(inventory.services).flatMap(({ hostname, delivery }) => {
    if (hostname === undefined || delivery.by !== "us") return [];
    const address = webAddressFor(delivery.host, inventory);
    return address === undefined ? [] : [addressRecord(hostname, address, "web")];
  });
}

const HTTPS = 443;

/** Programs look for address books by the domain of an address (RFC 6764 section 3). */
function addressBooks({ services, domains }: Inventory): DnsRecord[] {
  const url = provider("contacts", services)?.url;
  if (url === undefined) return [];
  const { hostname, port } = new URL(url);
  return Object.keys(domains).map((domain) =>
    record(`_carddavs._tcp.${domain}`, "SRV", `0 1 ${port || HTTPS} ${hostname}`, "clients"),
  );
}

/** The address of the machine whose proxy answers for services of a host. */
function webAddressFor(host: string, inventory: Inventory): string | undefined {
  const proxy = proxyFor(host, inventory.services);
  return proxy?.delivery.by === "us" ? inventory.hosts[proxy.delivery.host]!.address : undefined;
}

/** The server itself; its own SPF covers the name it greets with (RFC 7208 section 2.3). */
function serverRecords({ hostname, host, dns }: MailService): DnsRecord[] {
  return [
    ...(dns.addresses ?? [host.address]).map((address) => addressRecord(hostname, address, "delivery")),
    // A name that is an alias can have no other record (RFC 1034 section 3.6.2).
    ...(isAlias(host.address) && !dns.addresses ? [] : [record(hostname, "TXT", "v=spf1 a -all", "sender")]),
  ];
}

const isAlias = (address: string): boolean => addressRecord("x", address, "web").type === "CNAME";

/** Where mail is taken. An MX must not lead to an alias (RFC 2181 section 10.3). */
const exchangeOf = ({ hostname, host, dns }: MailService): string =>
  isAlias(host.address) && !dns.addresses ? host.address : hostname;

/** An MTA-STS policy holds senders to a name (RFC 8461 section 4.1) that is then not the one on the server's certificate. */
export function uncertifiedExchange(inventory: Inventory): string[] {
  const mail = mailService(inventory);
  if (mail === undefined || mail.dns.mtaSts !== "enforce" || exchangeOf(mail) === mail.hostname) return [];
  return [
    `services.${mail.service.id}: large providers will not deliver. hosts.${mail.host.id} has a name instead of an address, so that the MX record leads to ` +
      `${mail.host.address}, and the MTA-STS policy asks for ${mail.hostname}. Declare settings.dns.addresses, or mtaSts: "testing"`,
  ];
}

function domainRecords(domain: string, mail: MailService, inventory: Inventory, keys: DkimKeys): DnsRecord[] {
  const { host, dns, reports } = mail;
  const web = webAddressFor(host.id, inventory);
  return [
    record(domain, "MX", `10 ${exchangeOf(mail)}`, "delivery"),
    record(domain, "TXT", spfText(dns), "sender"),
    ...dns.selectors.map((selector) => {
      const name = `${selector}._domainkey.${domain}`;
      return record(name, "TXT", keys[name] ?? PLACEHOLDER, "signature");
    }),
    ...Object.values(dns.otherSenders).flatMap(({ dkim }) =>
      Object.entries(dkim).map(([selector, target]) =>
        "cname" in target
          ? record(`${selector}._domainkey.${domain}`, "CNAME", target.cname, "signature")
          : record(`${selector}._domainkey.${domain}`, "TXT", target.txt, "signature"),
      ),
    ),
    record(`_dmarc.${domain}`, "TXT", dmarcText(mail), "policy"),
    // RFC 7489 section 7.1: a domain that receives reports about another says that it wants them.
    ...(reports.endsWith(`@${domain}`)
      ? Object.keys(inventory.domains)
          .filter((other) => other !== domain)
          .map((other) => record(`${other}._report._dmarc.${domain}`, "TXT", "v=DMARC1", "policy"))
      : []),
    record(`_smtp._tls.${domain}`, "TXT", tlsReportText(reports), "transport"),
    ...(dns.mtaSts === "off" || web === undefined
      ? []
      : [
          record(`_mta-sts.${domain}`, "TXT", `v=STSv1; id=${mtaStsId(mtaStsPolicy(mail))}`, "transport"),
          addressRecord(`mta-sts.${domain}`, web, "transport"),
        ]),
    ...clientRecords(domain, mail, web),
  ];
}
