import ical, { ICalCalendarMethod, ICalEventStatus, ICalEventTransparency } from "ical-generator";
import { plainText } from "../clean.ts";
import { announcedAt, baseOf, publicWorks, workModel } from "../pages/incidents.ts";
import { definePage } from "./_page.ts";

/** Announced work as a calendar (RFC 5545), written by `ical-generator`: to subscribe to, once. */
export default definePage({
  path: "/feeds/maintenance.ics",
  audience: "public",
  maxAgeMs: 60_000,
  type: "text/calendar; charset=utf-8",
  render: (input) => {
    const { inventory, lang, w } = input;
    const calendar = ical({
      name: plainText(w.site.subscribe.calendarName(inventory.association.name)),
      prodId: { company: "Vigie", product: "Vigie", language: lang.toUpperCase() },
      method: ICalCalendarMethod.PUBLISH,
      url: `${baseOf(inventory)}/feeds/maintenance.ics?lang=${lang}`,
      ttl: 3600,
    });
    for (const work of publicWorks(input)) {
      const { id, title, text, services } = workModel(work, input);
      calendar.createEvent({
        id: `${id}@${new URL(baseOf(inventory)).hostname}`,
        stamp: announcedAt(work, input.view),
        start: new Date(work.from),
        end: new Date(work.until),
        summary: plainText(title),
        description: plainText([services, text].filter(Boolean).join(" – ")),
        status: ICalEventStatus.CONFIRMED,
        transparency: ICalEventTransparency.TRANSPARENT,
        url: `${baseOf(inventory)}/?lang=${lang}#works`,
      });
    }
    return calendar.toString();
  },
});
