import type { Part } from "../../association/index.ts";

/** Work that members are told about beforehand. */
export const maintenance = {
  updates: {
    hosts: ["main"],
    title: { fr: "Mises à jour mensuelles", en: "Monthly updates" },
    text: {
      fr: "Les services peuvent s'interrompre quelques minutes.",
      en: "Services may be interrupted for a few minutes.",
    },
    when: { every: "0 6 * * 0#1", lasting: "2h" },
  },
} as const satisfies Part<"maintenance">;
