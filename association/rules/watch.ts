import { providers } from "./providers.ts";
import { problem, type Rule, words } from "./rule.ts";

/** One lookout at most: two would each page the role on call. */
export const oneLookout: Rule = (context) => {
  const [first, ...others] = providers(context, "lookout");
  return others.map((key) =>
    problem(["services", key], words("a second lookout"), `one only, and ${first} is it already`),
  );
};
