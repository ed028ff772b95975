import type { Inventory } from "../inventory.ts";
import { clientPort } from "./clients.ts";
import { type MailService, mailService } from "./mail-service.ts";
import { mtaStsPolicy } from "./policies.ts";
import { escapeXml } from "./xml.ts";

/** A small file that the proxy serves over https at a name of the mail's own. */
export interface WebFile {
  hostname: string;
  path: string;
  type: string;
  body: string;
}

/** All of them: the MTA-STS policy and the settings of mail programs, for each domain. */
export function mailFiles(inventory: Inventory): WebFile[] {
  const mail = mailService(inventory);
  if (mail === undefined) return [];
  return Object.keys(inventory.domains).flatMap((domain) => [
    ...(mail.dns.mtaSts === "off"
      ? []
      : [
          {
            hostname: `mta-sts.${domain}`,
            path: "/.well-known/mta-sts.txt",
            type: "text/plain; charset=utf-8",
            body: mtaStsPolicy(mail),
          },
        ]),
    {
      hostname: `autoconfig.${domain}`,
      path: "/mail/config-v1.1.xml",
      type: "text/xml; charset=utf-8",
      body: autoconfig(domain, mail, inventory.association.name),
    },
    {
      hostname: `autodiscover.${domain}`,
      path: "/autodiscover/autodiscover.xml",
      type: "text/xml; charset=utf-8",
      body: autodiscover(mail),
    },
  ]);
}

/** Names for which the proxy needs a certificate: those of the files, and the mail server's, which shares its own. */
export function mailHostnames(inventory: Inventory): string[] {
  const mail = mailService(inventory);
  return mail ? [...new Set([mail.hostname, ...mailFiles(inventory).map(({ hostname }) => hostname)])].sort() : [];
}

/** Settings as Thunderbird and many others read them (https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat). */
export function autoconfig(domain: string, mail: MailService, name: string): string {
  const server = (kind: "incomingServer" | "outgoingServer", type: string, port: number): string =>
    `    <${kind} type="${type}">
      <hostname>${mail.hostname}</hostname>
      <port>${port}</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </${kind}>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${domain}">
    <domain>${domain}</domain>
    <displayName>${escapeXml(name)}</displayName>
${server("incomingServer", "imap", clientPort(mail, "imaps"))}
${server("outgoingServer", "smtp", clientPort(mail, "submissions"))}
  </emailProvider>
</clientConfig>
`;
}

/**
 * Settings as Outlook's older versions ask for them ([MS-OXDSCLI] section 2.2.4). The same for everybody: without a login name
 * a program uses the address that was typed.
 */
export function autodiscover(mail: MailService): string {
  const protocol = (type: string, port: number): string =>
    `      <Protocol>
        <Type>${type}</Type>
        <Server>${mail.hostname}</Server>
        <Port>${port}</Port>
        <DomainRequired>off</DomainRequired>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <AuthRequired>on</AuthRequired>
      </Protocol>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${protocol("IMAP", clientPort(mail, "imaps"))}
${protocol("SMTP", clientPort(mail, "submissions"))}
    </Account>
  </Response>
</Autodiscover>
`;
}
