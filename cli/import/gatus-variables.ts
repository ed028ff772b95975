import { isFields } from "./draft.ts";
import { namesSecret } from "./secrets.ts";

/** Values of variables of the environment, which Gatus puts into its configuration as it reads it. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** With the variables that have a value in place, as Go's `os.Expand` does it: `$$` is a dollar. */
export const expanded = (text: string, variables: Variables): string =>
  text.replace(/\$(?:\$|\{(\w+)\}|([A-Za-z_]\w*))/g, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return "$";
    return (Object.hasOwn(variables, name) && !namesSecret(name) ? variables[name] : undefined) ?? whole;
  });

/** Where secrets are: what is sent is looked through as it is written. */
const SENT = new Set(["headers", "body", "context", "alerting", "token", "oauth2", "identity-aware-proxy", "ssh"]);

/** Every text but those that are sent, with the variables in place. */
export function withVariables(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") return expanded(value, variables);
  if (Array.isArray(value)) return value.map((one) => withVariables(one, variables));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, SENT.has(key) ? one : withVariables(one, variables)]),
  );
}
