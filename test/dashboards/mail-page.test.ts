import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory } from "../../association/index.ts";
import { mailPage, mailPageModel } from "../../dashboards/mail-page.ts";
import type { LookoutView } from "../../dashboards/view.ts";
import { mailPageWords } from "../../dashboards/words/mail-page.ts";
import { demoInventory, emptyView, viewOf } from "./views.ts";

let inventory: Inventory;
beforeAll(async () => {
  ({ inventory } = await demoInventory());
});

/** A view in which checks of mail have found these numbers. */
function measured(found: Record<string, Record<string, number>>): LookoutView {
  const view = viewOf(inventory);
  const states = Object.fromEntries(
    Object.entries(view.states).map(([id, state]) => {
      const measures = found[id];
      return [id, measures && state.lastRun ? { ...state, lastRun: { ...state.lastRun, measures } } : state];
    }),
  );
  return { ...view, states };
}

const FOUND = {
  "mail/mail-queue": {
    "queue_messages/active": 1,
    "queue_messages/deferred": 2,
    "queue_messages/hold": 0,
    queue_oldest_seconds: 7200,
  },
  "mail/mail-boxes": { "box_used_ratio/tresor@tilleuls.localhost": 0.25, "box_used_ratio/people": 0.5 },
  "mail/mail-keys": { key_age_seconds: 86_400 * 40 },
  "mail/mail-reports": {
    reports: 3,
    "dmarc_messages/pass": 40,
    "dmarc_messages/fail": 7,
    "tls_sessions/good": 90,
    "tls_sessions/failed": 1,
    "passing/192.0.2.1": 40,
    "failing/192.0.2.1": 0,
    "passing/198.51.100.7": 0,
    "failing/198.51.100.7": 7,
  },
};

describe("the page on mail", () => {
  it("tells the queue, the boxes, fullest first, the key's age and what others report", () => {
    const [server] = mailPageModel(inventory, measured(FOUND), "en").servers;
    expect(server).toMatchObject({
      queue: "3 messages waiting, the oldest for 2 hrs.",
      boxes: [
        { box: mailPageWords.en.people, used: "50%" },
        { box: "tresor@tilleuls.localhost", used: "25%" },
      ],
      reports: {
        text: "3 reports of the last 7 days.",
        dmarc: "Messages in our name: 40 authentic, 7 refused by DMARC.",
        sources: [
          { source: "192.0.2.1", passing: "40", failing: "0" },
          { source: "198.51.100.7", passing: "0", failing: "7" },
        ],
      },
    });
    expect(server!.key).toContain("40 days");
  });

  it("says where nothing was measured yet, and where no report came", () => {
    expect(mailPageModel(inventory, emptyView, "fr").servers[0]).toMatchObject({
      queue: "Pas encore de mesure.",
      boxes: [],
    });
    const none = measured({ "mail/mail-reports": { reports: 0 } });
    expect(mailPageModel(inventory, none, "fr").servers[0]!.reports.text).toMatch(/^Aucun rapport reçu/);
  });

  it("is a whole document in both languages, internal, and escapes what a reporter may have written", () => {
    const hostile = measured({ "mail/mail-reports": { reports: 1, "passing/<img src=x>": 1 } });
    for (const lang of ["fr", "en"] as const) {
      const html = mailPage(inventory, hostile, lang);
      expect(html).toContain(`lang="${lang}"`);
      expect(html).toContain('name="robots"');
      expect(html).not.toContain("<img src=x");
    }
  });

  it("has its words in both languages", () => {
    expect(Object.keys(mailPageWords.en)).toEqual(Object.keys(mailPageWords.fr));
  });
});
