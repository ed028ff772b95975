import { createHash } from "node:crypto";
import { type Fields, listOf, type Tell, textOf } from "./draft.ts";
import { type Match, wholeMatch } from "./regex.ts";

/** Labels of a target while Prometheus decides what to ask. */
export type Labels = Readonly<Record<string, string>>;

type Action = (labels: Labels, rule: Rule) => Labels | undefined;

interface Rule {
  readonly value: string;
  readonly regex: string;
  readonly target: string | undefined;
  readonly replacement: string;
  readonly modulus: number;
}

const having = (labels: Labels, keeps: (name: string) => boolean): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => keeps(name)));

/** Actions on which the target or its module may depend; the others only name what is measured. */
const ACTIONS: Readonly<Record<string, Action>> = {
  replace(labels, { value, regex, target, replacement }) {
    const found = wholeMatch(regex, value);
    if (found === undefined || target === undefined) return labels;
    const text = filled(replacement, found);
    const { [target]: _, ...others } = labels;
    return text === "" ? others : { ...labels, [target]: text };
  },
  keep: (labels, { value, regex }) => (wholeMatch(regex, value) === undefined ? undefined : labels),
  drop: (labels, { value, regex }) => (wholeMatch(regex, value) === undefined ? labels : undefined),
  keepequal: (labels, { value, target }) => (value === (labels[target ?? ""] ?? "") ? labels : undefined),
  dropequal: (labels, { value, target }) => (value === (labels[target ?? ""] ?? "") ? undefined : labels),
  lowercase: (labels, { value, target }) =>
    target === undefined ? labels : { ...labels, [target]: value.toLowerCase() },
  uppercase: (labels, { value, target }) =>
    target === undefined ? labels : { ...labels, [target]: value.toUpperCase() },
  // As Prometheus shares targets out among servers: the last eight bytes of the MD5.
  hashmod(labels, { value, target, modulus }) {
    if (target === undefined || modulus < 1) return labels;
    const hash = createHash("md5").update(value).digest().readBigUInt64BE(8);
    return { ...labels, [target]: String(hash % BigInt(modulus)) };
  },
  labeldrop: (labels, { regex }) => having(labels, (name) => wholeMatch(regex, name) === undefined),
  labelkeep: (labels, { regex }) => having(labels, (name) => wholeMatch(regex, name) !== undefined),
  labelmap(labels, { regex, replacement }) {
    const copies = Object.entries(labels).flatMap(([name, value]) => {
      const found = wholeMatch(regex, name);
      return found === undefined ? [] : [[filled(replacement, found), value]];
    });
    return { ...labels, ...Object.fromEntries(copies) };
  },
};

/** With groups in place, as Go's `Regexp.Expand` does it: by number or name, `$$` is a dollar. */
const filled = (template: string, { all, named }: Match): string =>
  template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return "$";
    return (/^\d+$/.test(name) ? all[Number(name)] : Object.hasOwn(named, name) ? named[name] : undefined) ?? "";
  });

/** The labels after `relabel_configs` (Prometheus's documentation, "relabel_config"); undefined where the target is dropped. */
export function relabelled(labels: Labels, rules: unknown, where: string, tell: Tell): Labels | undefined {
  let now: Labels | undefined = labels;
  for (const rule of listOf(rules, `${where}.relabel_configs`)) {
    if (now === undefined || typeof rule !== "object" || rule === null) return now;
    const own = rule as Fields;
    const name: string = (textOf(own.action) ?? "replace").toLowerCase();
    const action: Action | undefined = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined) {
      tell(`relabel_configs, ${name}`, "its targets are taken without it");
      continue;
    }
    const known: Labels = now;
    const value = listOf(own.source_labels, `${where}.relabel_configs.source_labels`)
      .map((label) => known[String(label)] ?? "")
      .join(typeof own.separator === "string" ? own.separator : ";");
    now = action(known, {
      value,
      regex: textOf(own.regex) ?? "(.*)",
      target: textOf(own.target_label),
      modulus: Number.isInteger(own.modulus) ? Number(own.modulus) : 0,
      replacement: typeof own.replacement === "string" ? own.replacement : "$1",
    });
  }
  return now;
}
