import { createHash } from "node:crypto";
import { clientPort } from "./clients.ts";
import type { MailService } from "./mail-service.ts";
import { escapeXml } from "./xml.ts";

/**
 * Settings for Apple's Mail, which looks for none by itself (https://developer.apple.com/documentation/devicemanagement/mail). The same for
 * everybody: the device asks for the address, the user name and the password that are left out.
 */
export function appleProfile(mail: MailService, association: string): string {
  const id = mail.hostname.split(".").reverse().join(".");
  const server = (direction: "Incoming" | "Outgoing", port: number): Record<string, Value> => ({
    [`${direction}MailServerAuthentication`]: "EmailAuthPassword",
    [`${direction}MailServerHostName`]: mail.hostname,
    [`${direction}MailServerPortNumber`]: port,
    [`${direction}MailServerUseSSL`]: true,
  });
  return plist({
    PayloadContent: [
      {
        EmailAccountDescription: association,
        EmailAccountType: "EmailTypeIMAP",
        ...server("Incoming", clientPort(mail, "imaps")),
        ...server("Outgoing", clientPort(mail, "submissions")),
        OutgoingPasswordSameAsIncomingPassword: true,
        ...payload("com.apple.mail.managed", `${id}.mail`, association),
      },
    ],
    ...payload("Configuration", id, association),
  });
}

const payload = (type: string, identifier: string, name: string): Record<string, Value> => ({
  PayloadDisplayName: name,
  PayloadIdentifier: identifier,
  PayloadType: type,
  PayloadUUID: uuid(identifier),
  PayloadVersion: 1,
});

/** The same for the same name: a profile that is installed again replaces the former one (RFC 9562 section 5.8, version 8). */
function uuid(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  const [a, b, c, d, e] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20), hex.slice(20, 32)];
  return `${a}-${b}-8${c}-8${d}-${e}`.toUpperCase();
}

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** A property list in XML, as Apple's own programs write them. */
const plist = (value: Value): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<plist version="1.0">${element(value)}</plist>`,
    "",
  ].join("\n");

function element(value: Value): string {
  if (typeof value === "string") return `<string>${escapeXml(value)}</string>`;
  if (typeof value === "number") return `<integer>${value}</integer>`;
  if (typeof value === "boolean") return value ? "<true/>" : "<false/>";
  if (Array.isArray(value)) return `<array>\n${value.map(element).join("\n")}\n</array>`;
  const entries = Object.entries(value).map(([key, inner]) => `<key>${escapeXml(key)}</key>${element(inner)}`);
  return `<dict>\n${entries.join("\n")}\n</dict>`;
}
