import { describe, expect, it } from "vitest";
import { adviceOn, type Channel, type Inventory, ownAlertMail } from "../../association/index.ts";
import { demoInventory } from "../dashboards/views.ts";

const { inventory } = await demoInventory();

/** The demo with other channels of a role, or other settings of the service that routes alerts. */
function changed(alerts: Record<string, Channel[]>, settings?: object): Inventory {
  const alertmanager = inventory.services.alertmanager!;
  return {
    ...inventory,
    roles: Object.fromEntries(
      Object.entries(inventory.roles).map(([id, role]) => [id, { ...role, alerts: alerts[id] ?? role.alerts }]),
    ),
    services: settings
      ? {
          ...inventory.services,
          alertmanager: { ...alertmanager, delivery: { ...alertmanager.delivery, settings } as never },
        }
      : inventory.services,
  };
}
const ntfy: Channel = { by: "ntfy", server: "https://ntfy.sh", topic: { secret: "on-call" }, pagesOnly: false };
const mailTo = (to: string): Channel => ({ by: "mail", to, pagesOnly: false });

describe("alerts by the association's own mail", () => {
  it("leave from an address of its main domain, by its mail server, unless another server is declared", () => {
    expect(ownAlertMail(inventory)).toMatchObject({
      server: { id: "mail" },
      from: "alerts@tilleuls.localhost",
      name: "mail.tilleuls.localhost",
    });
    expect(ownAlertMail(changed({}, { smtp: { host: "smtp.else.example" } }))).toBeUndefined();
    const { mail: _, ...services } = inventory.services;
    expect(ownAlertMail({ ...inventory, services })).toBeUndefined();
  });

  it("are warned of where nothing else could tell that mail is down", () => {
    expect(adviceOn(inventory)).toEqual([
      expect.stringMatching(/^services\.mail: .* told to it-lead by mail alone.*roles\.it-lead\.alerts/),
    ]);
    // An address elsewhere does not help: the letter would wait in our own queue.
    expect(adviceOn(changed({ "it-lead": [mailTo("somebody@else.example")] }))).toHaveLength(1);
  });

  it("are not warned of where the role has another channel, or mail leaves by a server that is not ours", () => {
    expect(adviceOn(changed({ "it-lead": [mailTo("a@tilleuls.localhost"), ntfy] }))).toEqual([]);
    const other = { smtp: { host: "smtp.else.example" } };
    expect(adviceOn(changed({ "it-lead": [mailTo("somebody@else.example")] }, other))).toEqual([]);
    // Sent by another server, and read on ours.
    expect(adviceOn(changed({}, other))).toHaveLength(1);
    const { mail: _, ...services } = inventory.services;
    expect(adviceOn({ ...inventory, services })).toEqual([]);
  });
});
