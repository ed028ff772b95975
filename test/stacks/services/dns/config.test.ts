import { describe, expect, it } from "vitest";
import { keysVolume, transfers, zoneFiles } from "../../../../stacks/services/dns/config.ts";
import { association, deployed } from "../mail/association.ts";

const built = association();
const service = deployed("dns", built);

describe("the name server's zones", () => {
  const files = zoneFiles(service, built.inventory);

  it("are one a domain, with a serial for the image to fill in", () => {
    expect(Object.keys(files)).toEqual(["zones/asso.example.zone", "zones/ecole.example.zone"]);
    for (const text of Object.values(files)) expect(text).toContain(" @SERIAL@ ");
  });

  it("give the server's own name an address where the name is in the zone", () => {
    expect(files["zones/asso.example.zone"]).toContain("ns1 3600 IN A 192.0.2.10\n");
    expect(files["zones/ecole.example.zone"]).not.toContain("ns1 ");
  });

  it("leave the DKIM keys to the mail server that makes them", () => {
    expect(files["zones/asso.example.zone"]).not.toContain("_domainkey");
    expect(keysVolume(service, built.inventory)).toEqual({ "asso-test-mail-records": "/srv/mail" });
  });

  it("see no keys of a mail server on another host", () => {
    const apart = association((copy) => {
      const other = { name: { fr: "a", en: "a" }, address: "192.0.2.11", engine: "ssh://root@other" };
      Object.assign(copy.hosts, { other });
      Object.assign(copy.services.mail.delivery, { host: "other" });
    });
    expect(keysVolume(deployed("dns", apart), apart.inventory)).toEqual({});
  });

  it("may be copied by nobody unless it is declared", () => {
    expect(transfers(service)).toEqual({});
    const open = association((copy) => {
      Object.assign(copy.services.dns.delivery.settings as object, { transfersTo: ["192.0.2.53"] });
    });
    expect(transfers(deployed("dns", open))).toEqual({ transfers: "192.0.2.53\n" });
  });
});
