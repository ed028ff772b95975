/** The model: what declarations, stacks, monitors and pages share. */

export { adviceOn } from "./advice.ts";
export { ALERTS_LOGIN, mailboxFor, ownAlertMail } from "./alert-mail.ts";
export { buildInventory } from "./build.ts";
export { nextRun } from "./cron.ts";
export { type CheckInput, type Declaration, defineAssociation, type Part } from "./declaration.ts";
export { describeHandOvers, type Holders, holdersOf, readHolders } from "./hand-over.ts";
export { incidentsIn } from "./incident-files.ts";
export type {
  Backup,
  Check,
  Deployment,
  Host,
  Inventory,
  InventoryService,
  MaintenanceWindow,
  People,
  Person,
  Port,
  Privacy,
  Role,
  Slo,
  Volume,
  WrittenIncident,
} from "./inventory.ts";
export { INVENTORY_VERSION } from "./inventory.ts";
export {
  addressesOf,
  domainOf,
  LIST_MASTER_NAMES,
  LIST_SERVER_NAMES,
  LIST_SUFFIXES,
  listAddresses,
  listName,
  listsOf,
  PROBE_LIST,
} from "./lists.ts";
export { instantOf, type Occurrence, occurrencesBetween } from "./maintenance.ts";
export { internationalPhone, shownPhone } from "./phone.ts";
export { DeclarationError, type Problem } from "./problems.ts";
export { type Channel, channelSecrets, channelsOf } from "./schema/channel.ts";
export { longestGapSeconds, type Schedule, schedule } from "./schema/schedule.ts";
export {
  type Cost,
  duration,
  hostname,
  type LocalText,
  parseDuration,
  port,
  type Ref,
  ref,
  text,
} from "./schema/values.ts";
export { type DeliveredSecret, deliveredSecrets, SECRETS_DIR, type SecretRef, secret, secretFile } from "./secrets.ts";
export { endpointFrom, provider, proxyFor } from "./services.ts";
export { describeShape, LABELS, piecesOf, type Shape } from "./shape.ts";
export { BURNS, type Burn } from "./slo.ts";
export { defineKind, loadVocabulary, type ServiceKind, type Vocabulary } from "./vocabulary.ts";
