import type { Inventory } from "../../association/index.ts";
import { lookoutDrafts } from "./lookout.ts";
import { organisationDrafts } from "./organisation.ts";
import { type Draft, type RuleGroup, type RuleOptions, rulesOf } from "./rule.ts";
import { serviceDrafts } from "./services.ts";
import { type RecordingGroup, sloDrafts, sloRecordings } from "./slo.ts";

export type { Rule, RuleGroup, RuleOptions } from "./rule.ts";

/**
 * Prometheus's alerting rules for an inventory, a group per service: changing one service changes only its group.
 *
 * Labels: `severity`, `owner` (a role), `team`, `level` (1, then 2 after the declared delay), and `service` and `host`
 * where the alert is about one.
 */
export function alertRules(inventory: Inventory, options: RuleOptions = {}): { groups: RuleGroup[] } {
  const group = (name: string, drafts: readonly Draft[]): RuleGroup => ({
    name,
    rules: merged(drafts).flatMap((draft) => rulesOf(draft, inventory, options)),
  });
  return {
    groups: [
      group("lookout", lookoutDrafts(inventory)),
      group("organisation", organisationDrafts(inventory)),
      ...Object.values(inventory.services).map((service) =>
        group(`service ${service.id}`, [...serviceDrafts(inventory, service), ...sloDrafts(inventory, service)]),
      ),
    ].filter(({ rules }) => rules.length > 0),
  };
}

/** The rule file: what is recorded for objectives, and all alerts. The object is that file once written as JSON, which is YAML. */
export const ruleFile = (
  inventory: Inventory,
  options: RuleOptions = {},
): { groups: (RuleGroup | RecordingGroup)[] } => ({
  groups: [...sloRecordings(inventory), ...alertRules(inventory, options).groups],
});

/** Two rules with the same name, expression and labels would be refused as duplicates. */
function merged(drafts: readonly Draft[]): Draft[] {
  const key = ({ alert, severity, expr, service, owner }: Draft): string =>
    JSON.stringify([alert, severity, expr, service?.id, owner]);
  return [...new Map(drafts.map((draft) => [key(draft), draft])).values()];
}
