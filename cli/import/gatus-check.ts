import { type DraftCheck, type Fields, isFields, type Tell, textOf } from "./draft.ts";
import { askedName, FOLLOWING, requestOf, starttlsAt } from "./request.ts";
import { readSaid, shownUrl } from "./secrets.ts";

/** What an endpoint asks, by the scheme of its url; undefined, with the reason told, where the lookout speaks no such thing. */
export function checkOf(url: string, endpoint: Fields, tell: Tell): DraftCheck | undefined {
  const dns = endpoint.dns;
  if (isFields(dns)) {
    const query = textOf(dns["query-name"]);
    if (query === undefined) {
      tell("the endpoint", "its dns has no query-name");
      return undefined;
    }
    const server = url.replace(/^dns:\/\//, "");
    const type = textOf(dns["query-type"]) ?? "A";
    return { check: "dns", fields: { name: askedName(query, type), type, resolvers: [server] } };
  }
  const [, scheme, rest = ""] = /^([a-z+]+):\/\/(.*)$/i.exec(url) ?? [];
  const client = isFields(endpoint.client) ? endpoint.client : {};
  if (client.insecure === true && /^(https|tls|starttls)$/i.test(scheme ?? ""))
    tell("client.insecure", "certificates are always verified: mend the certificate");
  for (const key of ["oauth2", "identity-aware-proxy", "proxy-url", "dns-resolver", "tls", "tunnel"])
    if (client[key] !== undefined) tell(`client.${key}`, "the lookout has no such setting");
  if (/\[(ENDPOINT_(NAME|GROUP|URL)|RANDOM_STRING_\d+)\]/.test(textOf(endpoint.body) ?? ""))
    tell("body", "what stands in brackets is sent as it is");
  const address = rest.replace(/\/$/, "");
  if (/^(tls|starttls|icmp|ssh)$/i.test(scheme ?? "") && textOf(endpoint.body))
    tell("body", `the lookout sends nothing by ${scheme}`);
  switch (scheme?.toLowerCase()) {
    case "http":
    case "https":
      return httpCheck(url, endpoint, tell);
    case "tcp":
      return { check: "tcp", fields: { address, ...sending(endpoint, tell) } };
    case "tls":
      return { check: "tls", fields: { address } };
    case "starttls":
      return { check: "tls", fields: { address, starttls: starttlsAt(address) } };
    case "icmp":
      return {
        check: "icmp",
        fields: {
          host: address.replace(/^\[|\]$/g, ""),
          ...(client.network === "ip4" || client.network === "ip6"
            ? { ip: Number(String(client.network).at(-1)) }
            : {}),
        },
      };
    case "ssh":
      if (isFields(endpoint.ssh) && textOf(endpoint.ssh.username))
        tell("ssh.username, ssh.password", "the lookout signs in nowhere: it looks at the banner and the host's key");
      return { check: "ssh", fields: { address: /:\d+$/.test(address) ? address : `${address}:22` } };
    default:
      tell(
        "the endpoint",
        `${scheme === undefined ? "its url has no scheme" : `${scheme} is not something the lookout speaks`}: ${shownUrl(url)}`,
      );
      return undefined;
  }
}

/** What is sent once a connection is open. */
function sending(endpoint: Fields, tell: Tell): Fields {
  const send = readSaid(endpoint.body, tell);
  return send === undefined ? {} : { send };
}

function httpCheck(url: string, endpoint: Fields, tell: Tell): DraftCheck | undefined {
  const client = isFields(endpoint.client) ? endpoint.client : {};
  const body = textOf(endpoint.body);
  const graphql = endpoint.graphql === true && body !== undefined;
  const asked = requestOf(
    {
      url,
      method: endpoint.method,
      headers: {
        ...(graphql ? { "Content-Type": "application/json" } : {}),
        ...(isFields(endpoint.headers) ? endpoint.headers : {}),
      },
      body: graphql ? JSON.stringify({ query: body }) : body,
    },
    tell,
  );
  if (asked === undefined) return undefined;
  return {
    check: "http",
    signIn: asked.signIn,
    fields: { ...asked.fields, ...(client["ignore-redirect"] === true ? { redirects: 0 } : FOLLOWING) },
  };
}
