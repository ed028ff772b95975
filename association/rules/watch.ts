import { lookup } from "../lookup.ts";
import { duration } from "../schema/values.ts";
import { isKnownHost, providers, surelyNone } from "./providers.ts";
import { entriesOf, problem, type Rule, type RuleContext, words } from "./rule.ts";

/** One lookout at most: two would each page the role on call. */
export const oneLookout: Rule = (context) => {
  const [first, ...others] = providers(context, "lookout");
  return others.map((key) =>
    problem(
      ["services", key],
      words("a second lookout"),
      `one only, and ${first} is it already; a second place to watch from is of kind vantage`,
    ),
  );
};

/** A second place to watch from is one: on a host where nothing watches yet, beside a lookout that asks it. */
export const distinctVantages: Rule = (context) => {
  const { found } = context;
  const [lookout] = providers(context, "lookout");
  const hostOf = (key: string): string | undefined => {
    const delivery = lookup(found.services, key)?.delivery;
    return delivery?.by === "us" ? delivery.host : undefined;
  };
  const vantages = providers(context, "vantage");
  const watched = new Map<string, string>();
  const lookoutHost = lookout && hostOf(lookout);
  if (lookout && lookoutHost) watched.set(lookoutHost, lookout);
  return [
    ...vantages.flatMap((key) => {
      if (surelyNone(context, "lookout"))
        return [
          problem(
            ["services", key],
            words("a second place to watch from"),
            "a service of kind exporter, which asks it",
          ),
        ];
      const host = hostOf(key);
      const earlier = host === undefined ? undefined : watched.get(host);
      if (host !== undefined && earlier === undefined) watched.set(host, key);
      return earlier === undefined
        ? []
        : [problem(["services", key, "delivery", "host"], host, `another host: ${earlier} watches from this one`)];
    }),
    ...quorumOf(context, lookout, vantages.length + 1),
    ...vantages.flatMap((key) => patienceOf(context, key)),
  ];
};

/** Alertmanager sends a sign of life every five minutes: less than two of them is no silence. In seconds. */
const LEAST_PATIENCE = 600;

function patienceOf(context: RuleContext, key: string) {
  const delivery = lookup(context.found.services, key)?.delivery;
  const settings = delivery?.by === "us" ? (delivery.settings as { tellsAfter?: unknown } | undefined) : undefined;
  const { success, data } = duration.safeParse(settings?.tellsAfter);
  if (!success || data >= LEAST_PATIENCE || surelyNone(context, "alerts")) return [];
  return [
    problem(
      ["services", key, "delivery", "settings", "tellsAfter"],
      settings?.tellsAfter,
      "10m at least: the sign of life that is listened for comes every five minutes",
    ),
  ];
}

/** As many places as must agree exist. */
function quorumOf({ found }: RuleContext, lookout: string | undefined, places: number) {
  const delivery = lookup(found.services, lookout)?.delivery;
  const settings = delivery?.by === "us" ? (delivery.settings as { quorum?: unknown } | undefined) : undefined;
  const quorum = settings?.quorum;
  if (typeof quorum !== "number" || quorum <= places) return [];
  return [
    problem(
      ["services", lookout!, "delivery", "settings", "quorum"],
      quorum,
      `${places} at most: so many places are watched from (services of kinds exporter and vantage)`,
    ),
  ];
}

/** The lookout asks a gate on each host how its containers are: without one, each would seem to be down. */
export const seenContainers: Rule = (context) => {
  const { found, vocabulary } = context;
  const gates = Object.values(vocabulary.kinds).some(({ provides }) => provides?.includes("engine-state"));
  if (!gates || providers(context, "lookout").length === 0) return [];
  const hosts = new Set(
    entriesOf(found.services).flatMap(([, { delivery }]) => (delivery?.by === "us" ? [delivery.host] : [])),
  );
  return [...hosts].flatMap((host) =>
    host !== undefined && isKnownHost(context, host) && surelyNone(context, "engine-state", host)
      ? [
          problem(
            ["hosts", host],
            words("services, and no way to see their containers"),
            `a service of kind gate on host ${host}: the lookout asks it`,
          ),
        ]
      : [],
  );
};
