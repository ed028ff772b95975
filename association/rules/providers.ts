import { lookup } from "../lookup.ts";
import type { Ability } from "../vocabulary.ts";
import { entriesOf, type RuleContext } from "./rule.ts";

/** The services run by us that can do something for others, on one host or on any. */
export const providers = ({ found, vocabulary }: RuleContext, ability: Ability, host?: string): string[] =>
  entriesOf(found.services)
    .filter(([, { delivery }]) => delivery?.by === "us" && (host === undefined || delivery.host === host))
    .filter(
      ([, { delivery }]) =>
        delivery?.by === "us" && lookup(vocabulary.kinds, delivery.kind)?.provides?.includes(ability),
    )
    .map(([key]) => key);

/**
 * True where no service can do it, whatever becomes of the other problems: a service that could not be read, of an
 * unknown kind or on an unknown host, may well be the one that is looked for.
 */
export function surelyNone(context: RuleContext, ability: Ability, host?: string): boolean {
  const known = answers.get(context) ?? new Map<string, boolean>();
  answers.set(context, known);
  const question = `${ability} ${host ?? ""}`;
  const answer = known.get(question) ?? (providers(context, ability, host).length === 0 && !mayBe(context, ability));
  known.set(question, answer);
  return answer;
}

/** The same is asked for every service: answered once for each declaration. */
const answers = new WeakMap<RuleContext, Map<string, boolean>>();

const mayBe = (context: RuleContext, ability: Ability): boolean =>
  entriesOf(context.found.services).some(([, { delivery }]) => {
    if (delivery === undefined) return true;
    if (delivery.by !== "us") return false;
    const kind = lookup(context.vocabulary.kinds, delivery.kind);
    if (kind === undefined) return true;
    return kind.provides?.includes(ability) === true && !isKnownHost(context, delivery.host);
  });

export const isKnownHost = ({ names }: RuleContext, host: string | undefined): boolean =>
  host !== undefined && names.hosts?.includes(host) === true;
