import { type Prober, tellRest } from "./blackbox-settings.ts";
import { isFields, listOf, textOf } from "./draft.ts";

/** With the values that change nothing. */
const DNS_READ = {
  query_name: [],
  query_type: [],
  valid_rcodes: [],
  validate_answer_rrs: [],
  validate_authority_rrs: [],
  validate_additional_rrs: [],
  preferred_ip_protocol: [],
  ip_protocol_fallback: [],
  query_class: ["IN"],
  transport_protocol: ["udp"],
  dns_over_tls: [false],
  recursion_desired: [true],
};

export const dns: Prober = (server, settings, tell) => {
  const name = textOf(settings.query_name);
  if (name === undefined) {
    tell("the target", "its module has no query_name");
    return undefined;
  }
  for (const key of ["validate_answer_rrs", "validate_authority_rrs", "validate_additional_rrs"])
    if (isFields(settings[key]) && Object.keys(settings[key]).length > 0)
      tell(key, "write the expected answers as `expect` by hand");
  tellRest(settings, DNS_READ, tell);
  if (settings.query_type === undefined) tell("query_type", "the exporter asks for ANY: here it is A, name another");
  const rcodes = listOf(settings.valid_rcodes, "valid_rcodes").map(String);
  return {
    check: "dns",
    fields: { name: name.replace(/\.$/, ""), type: textOf(settings.query_type) ?? "A", resolvers: [server] },
    // A name without records is as good there as one with some: only the response code is looked at.
    conditions: [
      rcodes.length > 1 ? `[DNS_RCODE] == any(${rcodes.join(", ")})` : `[DNS_RCODE] == ${rcodes[0] ?? "NOERROR"}`,
    ],
  };
};
