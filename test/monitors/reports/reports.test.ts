import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { reportPart } from "../../../monitors/checks/_report-box.ts";
import { problemOf } from "../../../monitors/checks/mail-reports.ts";
import { digest, parseReport, type Report } from "../../../monitors/reports/digest.ts";
import { parseDmarc } from "../../../monitors/reports/dmarc.ts";
import { parseTls } from "../../../monitors/reports/tls.ts";
import { LONGEST_PACKED, LONGEST_REPORT, UnreadableReport, unpack } from "../../../monitors/reports/unpack.ts";

const row = (source: string, count: number, dkim: string, spf: string, disposition = "none") => `
  <record><row><source_ip>${source}</source_ip><count>${count}</count>
  <policy_evaluated><disposition>${disposition}</disposition><dkim>${dkim}</dkim><spf>${spf}</spf></policy_evaluated></row>
  <identifiers><header_from>asso.example</header_from></identifiers></record>`;

const dmarc = (rows: string, id = "r1", end = 1_800_000_000) => `<?xml version="1.0" encoding="UTF-8" ?>
<feedback><version>1.0</version>
<report_metadata><org_name>big.example</org_name><email>noreply@big.example</email><report_id>${id}</report_id>
<date_range><begin>${end - 86_400}</begin><end>${end}</end></date_range></report_metadata>
<policy_published><domain>Asso.Example</domain><p>quarantine</p></policy_published>${rows}</feedback>`;

const tls = (good: number, failed: number, details: unknown = []) =>
  JSON.stringify({
    "organization-name": "Big",
    "date-range": { "start-datetime": "2027-01-14T00:00:00Z", "end-datetime": "2027-01-15T08:00:00Z" },
    "contact-info": "tls@big.example",
    "report-id": "t1",
    policies: [
      {
        policy: { "policy-type": "sts", "policy-domain": "Asso.Example" },
        summary: { "total-successful-session-count": good, "total-failure-session-count": failed },
        "failure-details": details,
      },
    ],
  });

describe("a report as it is attached", () => {
  const xml = dmarc(row("192.0.2.1", 3, "pass", "fail"));

  it("is read from gzip, a zip file or plain text, whatever its name says", () => {
    expect(unpack(gzipSync(xml))).toBe(xml);
    expect(unpack(Buffer.from(zipSync({ "big!asso.xml": Buffer.from(xml) })))).toBe(xml);
    expect(unpack(Buffer.from(xml))).toBe(xml);
  });

  it("is refused where it unpacks to more than is read, in gzip and in zip", () => {
    const bomb = Buffer.alloc(LONGEST_REPORT + 1);
    const many = [`<feedback>${"<a/>".repeat(60_000)}</feedback>`, `{"policies":[${"{},".repeat(60_000)}{}]}`];
    for (const text of many) expect(() => parseReport(text)).toThrow(/more than \d+ (tags|values)/);
    expect(gzipSync(bomb).length).toBeLessThan(LONGEST_PACKED);
    expect(() => unpack(gzipSync(bomb))).toThrow(UnreadableReport);
    expect(() => unpack(Buffer.from(zipSync({ "a.xml": bomb })))).toThrow(UnreadableReport);
    expect(() => unpack(Buffer.alloc(LONGEST_PACKED + 1))).toThrow(/bytes/);
  });

  it("writes no more than a zip file's directory tells, even where that lies", () => {
    const packed = Buffer.from(zipSync({ "a.xml": Buffer.alloc(5_000_000, "x") }));
    const directory = packed.indexOf(Buffer.from("PK\u0001\u0002", "latin1"));
    packed.writeUInt32LE(10, directory + 24);
    let read = "";
    try {
      read = unpack(packed);
    } catch (error) {
      expect(error).toBeInstanceOf(UnreadableReport);
    }
    expect(read.length).toBeLessThanOrEqual(10);
  });

  it("is refused where it is damaged, empty or holds no report", () => {
    expect(() => unpack(gzipSync(xml).subarray(0, 40))).toThrow(UnreadableReport);
    expect(() => unpack(Buffer.from(zipSync({ "run.exe": Buffer.from("MZ") })))).toThrow(/no report/);
    expect(() => parseReport(unpack(Buffer.alloc(0)))).toThrow(UnreadableReport);
  });

  it("never throws anything else, whatever the bytes", () => {
    const heads = [
      Buffer.from([0x1f, 0x8b]),
      Buffer.from("PK\u0003\u0004", "latin1"),
      Buffer.from("<feedback>"),
      Buffer.from("{"),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 300 }), (head, rest) => {
        try {
          parseReport(unpack(Buffer.concat([head, rest])));
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableReport);
        }
      }),
    );
  });
});

describe("a DMARC report", () => {
  it("tells who reports, on which domain, and what came from where", () => {
    expect(
      parseDmarc(dmarc(row("192.0.2.1", 3, "pass", "fail") + row("2001:db8::1", 2, "fail", "fail", "reject"))),
    ).toEqual({
      reporter: "big.example",
      id: "r1",
      domain: "asso.example",
      until: 1_800_000_000,
      rows: [
        { source: "192.0.2.1", messages: 3, pass: true, dkim: true, spf: false, disposition: "none" },
        { source: "2001:db8::1", messages: 2, pass: false, dkim: false, spf: false, disposition: "reject" },
      ],
    });
  });

  it("may have a namespace, one record or none", () => {
    const spaced = dmarc(row("192.0.2.1", 1, "pass", "pass")).replace(
      "<feedback>",
      '<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">',
    );
    expect(parseDmarc(spaced).rows).toHaveLength(1);
    expect(parseDmarc(dmarc("")).rows).toEqual([]);
  });

  it("is refused where it defines entities: neither files are read nor text multiplied", () => {
    const file = `<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]>${dmarc("").slice(39)}`;
    const laughs = `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><feedback>&b;</feedback>`;
    expect(() => parseDmarc(file)).toThrow(/entities/);
    expect(() => parseDmarc(laughs)).toThrow(/entities/);
    expect(parseDmarc(dmarc("", "&amp;lt;")).id).toBe("&amp;lt;");
  });

  it("is refused where a source is no address, or it is something else altogether", () => {
    expect(() => parseDmarc(dmarc(row("<script>", 1, "pass", "pass")))).toThrow(UnreadableReport);
    for (const other of ["<html></html>", "<feedback/>", "plain text", "<a><b></a>"])
      expect(() => parseDmarc(other), other).toThrow(UnreadableReport);
  });

  it("bounds numbers that make no sense", () => {
    expect(parseDmarc(dmarc(row("192.0.2.1", -5, "pass", "pass"))).rows[0]!.messages).toBe(0);
    expect(parseDmarc(dmarc(row("192.0.2.1", Number.NaN, "pass", "pass"))).rows[0]!.messages).toBe(0);
  });
});

describe("a report on TLS", () => {
  it("tells how many connections succeeded and why others did not", () => {
    const details = [
      { "result-type": "certificate-expired", "failed-session-count": 3 },
      { "result-type": "<b>bold</b>", "failed-session-count": 1 },
    ];
    expect(parseTls(tls(100, 4, details))).toEqual({
      reporter: "Big",
      id: "t1",
      domain: "asso.example",
      until: Date.parse("2027-01-15T08:00:00Z") / 1000,
      good: 100,
      failed: 4,
      failures: { "certificate-expired": 3, other: 1 },
    });
  });

  it("is refused where it is something else", () => {
    for (const other of ["{}", "[1]", '{"policies":[]}', "{", "null"])
      expect(() => parseTls(other), other).toThrow(UnreadableReport);
  });
});

describe("all reports together", () => {
  const report = (rows: string, id: string, end?: number): Report => parseReport(dmarc(rows, id, end));
  const since = 1_799_000_000;

  it("add up, each once, those of earlier times left out, failing sources first", () => {
    const found = digest(
      [
        report(row("192.0.2.1", 5, "pass", "pass") + row("198.51.100.7", 2, "fail", "fail"), "a"),
        report(row("192.0.2.1", 5, "pass", "pass") + row("198.51.100.7", 2, "fail", "fail"), "a"),
        report(row("203.0.113.5", 9, "fail", "fail"), "b"),
        report(row("203.0.113.9", 100, "fail", "fail"), "old", 1_700_000_000),
        parseReport(tls(10, 1)),
      ],
      since,
    );
    expect(found).toEqual({
      reports: 3,
      reporters: 2,
      dmarc: { pass: 5, fail: 11 },
      tls: { good: 10, failed: 1 },
      sources: [
        { source: "203.0.113.5", pass: 0, fail: 9 },
        { source: "198.51.100.7", pass: 0, fail: 2 },
        { source: "192.0.2.1", pass: 5, fail: 0 },
      ],
    });
  });

  it("are a problem where our own address fails, and not where a forger does", () => {
    const ours = ["192.0.2.1"];
    const judge = (rows: string, own = ours) =>
      problemOf(digest([report(rows, "x")], since), { ours: own, mostFailing: 0.1 });
    expect(judge(row("203.0.113.5", 900, "fail", "fail"))).toBeUndefined();
    expect(judge(row("192.0.2.1", 1, "fail", "fail"))).toContain("192.0.2.1 (1)");
    // Where nobody knows which are ours, the part that fails is what can be looked at.
    expect(judge(row("192.0.2.1", 50, "pass", "fail") + row("203.0.113.5", 10, "fail", "fail"), [])).toContain(
      "10 of 60",
    );
    expect(judge(row("203.0.113.5", 5, "fail", "fail"), [])).toBeUndefined();
  });

  it("are a problem where others cannot reach us over TLS", () => {
    const found = digest([parseReport(tls(10, 30))], since);
    expect(problemOf(found, { ours: [], mostFailing: 0.1 })).toContain("30 of 40 connections");
  });
});

describe("the part of a message that holds a report", () => {
  const part = (type: string, filename?: string, number = "2") => ({
    type: "multipart/mixed",
    childNodes: [
      { type: "text/plain", part: "1" },
      { type, part: number, ...(filename ? { dispositionParameters: { filename } } : {}) },
    ],
  });

  it("is found by its type or its name, and nothing else is taken for one", () => {
    expect(reportPart(part("application/gzip"))).toBe("2");
    expect(reportPart(part("application/octet-stream", "big!asso!1!2.xml.gz"))).toBe("2");
    expect(reportPart(part("application/tlsrpt+gzip"))).toBe("2");
    expect(reportPart(part("image/png", "photo.png"))).toBeUndefined();
    expect(reportPart(undefined)).toBeUndefined();
    expect(reportPart({ type: "application/zip" })).toBe("1");
  });
});
