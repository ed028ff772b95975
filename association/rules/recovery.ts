import { entriesOf, problem, type Rule, words } from "./rule.ts";

/**
 * Recovery keys come in twos at least: one alone is lost with its holder. None at all is allowed, for a trial needs none;
 * `up` then warns.
 */
export const recoveryKeys: Rule = ({ found }) => {
  const keyed = entriesOf(found.holders).flatMap(([id, { recoveryKey }]): [string, string][] =>
    recoveryKey === undefined ? [] : [[id, recoveryKey]],
  );
  const [first] = keyed;
  if (first === undefined) return [];
  const distinct = new Set(keyed.map(([, key]) => key));
  if (distinct.size >= 2) return [];
  return [
    problem(
      ["holders", first[0], "recoveryKey"],
      words(keyed.length === 1 ? "the only recovery key" : "one recovery key, shared"),
      "keys of two holders at least, so that none is lost with its holder",
    ),
  ];
};
