import { ipOf, type Prober, tellRest } from "./blackbox-settings.ts";
import { type Fields, isFields, listOf, type Tell, textOf } from "./draft.ts";
import { jsRegex } from "./regex.ts";
import { starttlsAt } from "./request.ts";
import { readSaid } from "./secrets.ts";

const VERSIONS: Readonly<Record<string, string>> = { TLS12: "TLSv1.2", TLS13: "TLSv1.3" };

/** What of `tls_config` a check of TLS has too. */
function tlsOf(config: unknown, tell: Tell): Fields {
  if (!isFields(config)) return {};
  const { server_name: name, min_version: version, insecure_skip_verify: insecure, ...rest } = config;
  const own = VERSIONS[String(version)];
  if (insecure === true || (version !== undefined && own === undefined) || Object.values(rest).some(Boolean))
    tell("tls_config", "certificates are always verified, by the authorities that the lookout knows");
  return {
    ...(textOf(name) ? { serverName: name } : {}),
    ...(own === undefined ? {} : { minVersion: own }),
  };
}

const TCP_READ = {
  query_response: [],
  tls: [],
  tls_config: [],
  preferred_ip_protocol: [],
  ip_protocol_fallback: [],
};

export const tcp: Prober = (address, settings, tell) => {
  tellRest(settings, TCP_READ, tell);
  const steps = listOf(settings.query_response, "query_response").filter(isFields);
  // How long a certificate is still good is looked at in Prometheus.
  const tls = { address, minRemaining: "1s", ...tlsOf(settings.tls_config, tell) };
  if (steps.some(({ starttls }) => starttls === true))
    return { check: "tls", fields: { ...tls, starttls: starttlsAt(address) } };
  if (settings.tls === true) {
    if (steps.length > 0) tell("query_response", "over TLS the lookout looks at the certificate only");
    return { check: "tls", fields: tls };
  }
  if (steps.some(({ expect_bytes }) => expect_bytes !== undefined))
    tell("query_response", "the lookout waits for text, not for bytes");
  const [said, answers] = [
    steps.flatMap((step) => textOf(step.send) ?? []),
    steps.flatMap((step) => textOf(step.expect) ?? []),
  ];
  if (said.length + answers.length > 2) tell("query_response", "one question and one answer are kept");
  const send = said[0] === undefined ? undefined : readSaid(said[0], tell);
  return {
    check: "tcp",
    fields: {
      address,
      ...(send === undefined ? {} : { send: `${send}\n` }),
      ...(answers[0] === undefined ? {} : { expect: { regex: jsRegex(answers[0]) } }),
      ...ipOf(settings),
    },
  };
};
