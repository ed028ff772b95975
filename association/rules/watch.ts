import { isKnownHost, providers, surelyNone } from "./providers.ts";
import { entriesOf, problem, type Rule, words } from "./rule.ts";

/** One lookout at most: two would each page the role on call. */
export const oneLookout: Rule = (context) => {
  const [first, ...others] = providers(context, "lookout");
  return others.map((key) =>
    problem(["services", key], words("a second lookout"), `one only, and ${first} is it already`),
  );
};

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
