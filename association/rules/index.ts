import {
  distinctAddresses,
  distinctHostnames,
  distinctLogins,
  listsOnServers,
  ownedDomains,
  personalLogins,
} from "./addresses.ts";
import { noCycles } from "./cycles.ts";
import {
  backups,
  dependsOnReality,
  distinctEngines,
  plainShares,
  reachableByProxy,
  runbooks,
  servedCollections,
} from "./delivery.ts";
import { incidents } from "./incidents.ts";
import { checkKinds, serviceKinds } from "./kinds.ts";
import { mailNamesFree, mailNamesOwned, oneMailServer, probeAlone } from "./mail.ts";
import { maintenanceWindows } from "./maintenance.ts";
import { distinctInnerPorts, distinctPorts, portsInRange } from "./ports.ts";
import { recoveryKeys } from "./recovery.ts";
import { references } from "./references.ts";
import type { Rule } from "./rule.ts";
import { objectives } from "./slo.ts";
import { distinctVantages, oneLookout, seenContainers } from "./watch.ts";

/** Every rule across entries; each is independent of the others, so that all problems are found in one pass. */
export const rules: readonly Rule[] = [
  references,
  distinctAddresses,
  distinctHostnames,
  distinctLogins,
  personalLogins,
  ownedDomains,
  listsOnServers,
  noCycles,
  serviceKinds,
  checkKinds,
  distinctPorts,
  portsInRange,
  distinctInnerPorts,
  distinctEngines,
  reachableByProxy,
  dependsOnReality,
  backups,
  servedCollections,
  plainShares,
  runbooks,
  oneLookout,
  distinctVantages,
  oneMailServer,
  mailNamesOwned,
  probeAlone,
  mailNamesFree,
  seenContainers,
  recoveryKeys,
  maintenanceWindows,
  objectives,
  incidents,
];
