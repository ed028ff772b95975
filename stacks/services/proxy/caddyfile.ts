import { mailFiles, mailHostnames, mailService, type WebFile } from "../../../association/dns/index.ts";
import { endpointFrom, type Inventory, provider } from "../../../association/index.ts";
import { ALONE_POLICY, downPage, lockedPage } from "../../../dashboards/alone.ts";
import { mailHelpFiles } from "../../../dashboards/mail-help.ts";
import type { Certificates } from "../../config.ts";
import { type DeployedService, deployedServices } from "../../context.ts";

/** Pages of the lookout that everybody may see; the rest asks for a volunteer's password. */
export const PUBLIC_PATHS = [
  "/",
  "/assets/*",
  "/healthz",
  "/badges/*",
  "/feeds/*",
  "/incidents",
  "/incidents/*",
  "/status/*",
  "/favicon.ico",
  "/push/*",
];

/** Purpose of the secret by which the lookout knows that the proxy has verified a password. */
export const PROOF = "lookout/proof";

/** Health of the proxy itself, and its own authority's certificate for those who must trust it. */
export const STATUS_PORT = 2020;

const AUTHORITY = "/var/lib/caddy/caddy/pki/authorities/local";

/**
 * The proxy's configuration: a site for each service with a host name.
 * Written for Caddy 2.6 (its directive for passwords is `basicauth`).
 */
export function caddyfile(inventory: Inventory, proxy: DeployedService, certificates: Certificates): string {
  const { acmeEmail } = (proxy.delivery.settings ?? {}) as { acmeEmail?: string };
  const sites = deployedServices(inventory).filter(({ hostname }) => hostname !== undefined);
  return [
    block("", [
      "admin off",
      `http_port ${proxy.ports.http!.container}`,
      `https_port ${proxy.ports.https!.container}`,
      "skip_install_trust",
      ...(certificates === "internal" ? ["local_certs"] : []),
      ...(acmeEmail === undefined ? [] : [`email ${acmeEmail}`]),
      "grace_period 5s",
    ]),
    block(`http://:${STATUS_PORT}`, [
      "respond /healthy 200",
      ...(certificates === "internal" ? [block("handle /root.crt", [`root * ${AUTHORITY}`, "file_server"])] : []),
    ]),
    ...sites.flatMap((service) => [
      // Caddy's own redirection forgets the port.
      block(`http://${service.hostname}`, [`redir ${service.url}{uri} permanent`]),
      site(service, inventory, proxy),
    ]),
    ...mailSites(inventory, proxy),
  ].join("\n\n");
}

/** One that hangs is said not to answer, as one that is gone is: visitors would wait for ever. The lookout's pages are quick. */
function site(service: DeployedService, inventory: Inventory, proxy: DeployedService): string {
  const web = endpointFrom(proxy.delivery.host, service, webPort(service), inventory.hosts);
  if (web === undefined)
    throw new Error(`services.${service.id}: the proxy on host ${proxy.delivery.host} cannot reach it`);
  return block(`${service.hostname}`, [
    block("header", HEADERS),
    ...(service.provides.includes("lookout") ? [lookoutGate()] : []),
    "encode gzip",
    block(`reverse_proxy ${web.host}:${web.port}`, [
      block("transport http", [`response_header_timeout ${service.provides.includes("lookout") ? "30s" : "2m"}`]),
    ]),
    ownErrors(service),
  ]);
}

const HEADERS = [
  'Strict-Transport-Security "max-age=31536000"',
  'X-Content-Type-Options "nosniff"',
  'Referrer-Policy "same-origin"',
  "-Server",
];

/** What the proxy itself has to say, where the service says nothing: that it does not answer, or that a password is asked for. */
const ownErrors = (service: DeployedService): string =>
  block("handle_errors", [
    block("header", [...HEADERS, 'Cache-Control "no-store"', `Content-Security-Policy "${ALONE_POLICY}"`]),
    "@down expression `{http.error.status_code} in [502, 503, 504]`",
    block("handle @down", ["header Retry-After 60", ...served(`${service.id}.html`)]),
    ...(service.provides.includes("lookout")
      ? ["@locked expression `{http.error.status_code} == 401`", block("handle @locked", served(LOCKED))]
      : []),
  ]);

/** A visitor may have sent a form: files are given to those who look only. */
const served = (file: string): string[] => [
  `root * ${FILES}/${ERRORS}`,
  "method GET",
  `rewrite * /${file}`,
  "file_server",
];

const ERRORS = "errors";
/** No service is called so. */
const LOCKED = "_locked.html";

/** Its own pages of errors, one for each service with a host name: path under /etc/vigie → content. */
function errorFiles(inventory: Inventory): Record<string, string> {
  const sites = deployedServices(inventory).filter(({ hostname }) => hostname !== undefined);
  const status = sites.find(({ provides }) => provides.includes("lookout"));
  return Object.fromEntries([
    ...sites.map(
      (service) => [`files/${ERRORS}/${service.id}.html`, downPage(inventory, service, status?.url)] as const,
    ),
    ...(status === undefined ? [] : [[`files/${ERRORS}/${LOCKED}`, lockedPage(inventory)] as const]),
  ]);
}

/** Where the files that the proxy serves itself are in its container, by host name. */
const FILES = "/etc/vigie/files";

/** Pages have no script, nothing inline and nothing from elsewhere. */
const STRICT =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const fileAt = ({ hostname, path }: WebFile): string => `files/${hostname}${path}`;

/**
 * Files that mail programs and other mail servers look for at names of their own, and pages for when a service does not
 * answer: path under /etc/vigie → content.
 */
export const proxyFiles = (inventory: Inventory, proxy: DeployedService): Record<string, string> => ({
  ...errorFiles(inventory),
  ...(isMailProxy(inventory, proxy)
    ? {
        ...Object.fromEntries(servedFiles(inventory).map((file) => [fileAt(file), file.body])),
        // The names whose certificates it copies for the mail server.
        shared: `${mailService(inventory)!.hostname}\n`,
      }
    : {}),
});

/** What is looked for at the mail's own names; the page that helps members to set their programs up is at the server's. */
function servedFiles(inventory: Inventory): WebFile[] {
  const mail = mailService(inventory);
  const help = Object.entries(mailHelpFiles(inventory)).map(
    ([path, file]): WebFile => ({ hostname: mail!.hostname, path, ...file }),
  );
  return [...mailFiles(inventory), ...help];
}

/** Only the proxy on the mail server's host speaks for it: it shares its certificate. */
const isMailProxy = ({ services }: Inventory, proxy: DeployedService): boolean =>
  provider("mail", services, proxy.delivery.host) !== undefined;

/** A site for each name of the mail's own: its files and nothing else. The mail server's own name thereby has a certificate. */
function mailSites(inventory: Inventory, proxy: DeployedService): string[] {
  if (!isMailProxy(inventory, proxy)) return [];
  const files = Map.groupBy(servedFiles(inventory), ({ hostname }) => hostname);
  return mailHostnames(inventory).map((hostname) =>
    block(hostname, [
      block("header", [
        "-Server",
        'Strict-Transport-Security "max-age=31536000"',
        'X-Content-Type-Options "nosniff"',
        'Referrer-Policy "same-origin"',
        `Content-Security-Policy "${STRICT}"`,
      ]),
      ...(files.get(hostname) ?? []).map(({ path, type }) =>
        block(`handle ${path === "/index.html" ? "/" : path}`, [
          `root * ${FILES}/${hostname}`,
          `header Content-Type "${type}"`,
          // Outlook asks by POST for what is the same for everybody.
          "method GET",
          // Paths match whatever their case, files do not: some ask for /Autodiscover/Autodiscover.xml.
          `rewrite * ${path}`,
          "file_server",
        ]),
      ),
      "handle {\n\trespond 404\n}",
    ]),
  );
}

/**
 * Who may see what of the lookout. In a `route`, where the order is that of the lines: what a visitor sends as proof or name is
 * taken away first, and the proxy's own is added only behind the password. The proof is a file that the image makes from
 * the secret: it is not in this configuration, nor in the stack's state.
 */
const lookoutGate = (): string =>
  [
    `@internal not path ${PUBLIC_PATHS.join(" ")}`,
    block("route", [
      "request_header -X-Vigie-User",
      "request_header -X-Vigie-Proof",
      block("basicauth @internal", ["import /tmp/users"]),
      "request_header @internal X-Vigie-User {http.auth.user.id}",
      "import /tmp/proof",
    ]),
  ].join("\n");

/** The port that serves a service's web pages; kinds that have pages call it `http`. */
const webPort = (service: DeployedService): string =>
  Object.keys(service.ports).find((name) => name === "http") ?? "https";

const block = (head: string, lines: readonly string[]): string =>
  `${head}${head && " "}{\n${lines
    .join("\n")
    .split("\n")
    .map((line) => `\t${line}`)
    .join("\n")}\n}`;

/** The people whose password opens the internal pages. */
export function internalReaders(inventory: Inventory, teams: Readonly<Record<string, readonly string[]>>): string[] {
  const lookout = provider("lookout", inventory.services);
  const { readers = [] } = ((lookout?.delivery.by === "us" ? lookout.delivery.settings : undefined) ?? {}) as {
    readers?: string[];
  };
  return [...new Set(readers.flatMap((team) => teams[team] ?? []))].sort();
}
