import { untoldMail, untoldSilence } from "./alert-mail.ts";
import { uncertifiedExchange } from "./dns/records.ts";
import type { Inventory } from "./inventory.ts";

/** What a declaration that can be carried out is still to be warned of, in sentences. */
export const adviceOn = (inventory: Inventory): string[] => [
  ...untoldMail(inventory),
  ...untoldSilence(inventory),
  ...uncertifiedExchange(inventory),
];
