import type { InventoryService } from "../../association/index.ts";
import type { Problem } from "../refusal.ts";

type Decision = InventoryService["upgrades"]["decision"];

/** Why the declaration does not let a service be upgraded on this stack today; undefined where it does. Pure. */
export function forbidden(service: string, decision: Decision, stack: string, today: string): Problem | undefined {
  if (decision.do === "wait" && today < decision.until)
    return {
      what: `${service} waits until ${decision.until}: ${decision.why}. Nothing was touched`,
      fix: `If that is no longer right, change the decision in the declaration: services.${service}.upgrades`,
    };
  if (decision.do === "test" && decision.on !== stack)
    return {
      what: `New versions of ${service} are tried on ${decision.on} first: ${decision.why}. Nothing was touched`,
      fix: `npm run upgrade -- ${service} --stack ${decision.on}, and once it holds, services.${service}.upgrades: { decision: { do: "adopt" } }`,
    };
  return undefined;
}

/** A decision in words. */
export function describeDecision(decision: Decision): string {
  if (decision.do === "wait") return `wait until ${decision.until}: ${decision.why}`;
  if (decision.do === "test") return `test on ${decision.on}: ${decision.why}`;
  return "adopt";
}
