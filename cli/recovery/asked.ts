import { Refusal } from "../refusal.ts";

/** What somebody wants back, as `restore` was asked. */
export interface Asked {
  service: string;
  at?: string;
  item?: string;
  snapshot?: string;
  browse?: string;
  file?: string;
  to?: string;
  inPlace: boolean;
  exact: boolean;
  yes: boolean;
}

/** The flags as one wish; everything that does not go together is refused at once. Pure. */
export function readAsked(flags: Readonly<Record<string, string | boolean | undefined>>): Asked {
  const text = (name: string): string | undefined => (typeof flags[name] === "string" ? flags[name] : undefined);
  const asked = {
    service: text("service") ?? "",
    snapshot: text("snapshot"),
    at: text("at"),
    item: text("item"),
    browse: text("browse"),
    file: text("file"),
    to: text("to"),
    inPlace: flags["in-place"] === true,
    exact: flags.exact === true,
    yes: flags.yes === true,
  };
  const wishes = [
    asked.browse !== undefined && "--browse",
    asked.to !== undefined && "--to",
    asked.inPlace && "--in-place",
  ];
  const chosen = wishes.filter((wish) => wish !== false);
  const wrong: string[] = [];
  if (asked.service === "") wrong.push("--service is missing: whose data is it?");
  if (chosen.length > 1) wrong.push(`${chosen.join(" and ")} do not go together`);
  if (asked.at !== undefined && asked.snapshot !== undefined) wrong.push("--at and --snapshot do not go together");
  if (asked.item !== undefined && (asked.file !== undefined || asked.browse !== undefined))
    wrong.push("--item says what is wanted, without --file or --browse");
  if (asked.snapshot === undefined && asked.at === undefined) {
    const needing = [...chosen, asked.file !== undefined && "--file"].filter((flag) => typeof flag === "string");
    if (needing.length > 0) wrong.push(`${needing.join(" and ")} needs --snapshot ID or --at TIME`);
  } else if (chosen.length === 0)
    wrong.push("say what to do with the snapshot: --browse PATH, --to FOLDER or --in-place");
  if (asked.browse !== undefined && asked.file !== undefined)
    wrong.push("--browse takes its path itself, without --file");
  for (const flag of ["exact", "yes"] as const)
    if (asked[flag] && !asked.inPlace) wrong.push(`--${flag} goes with --in-place`);
  if (wrong.length > 0)
    throw new Refusal({
      what: `\`restore\`: ${wrong.join("; ")}`,
      fix: "npm run restore -- --help shows what it takes",
    });
  return asked as Asked;
}
