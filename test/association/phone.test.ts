import { describe, expect, it } from "vitest";
import { internationalPhone, shownPhone } from "../../association/index.ts";

describe("a telephone number", () => {
  it.each([
    ["+33639980101", "+33639980101"],
    ["06 39 98 01 01", "+33639980101"],
    ["06.39.98.01.01", "+33639980101"],
    ["0033 6-39-98-01-01", "+33639980101"],
    ["+33 (0)6 39 98 01 01", "+33639980101"],
    ["+34 612 345 678", "+34612345678"],
    ["0692 12 34 56", "+262692123456"],
  ])("%s is %s to machines", (written, number) => {
    expect(internationalPhone(written)).toBe(number);
  });

  it.each(["3949", "112", "", "appelez Léa", "+0123456789", "06 39 98 01", "tel:javascript", "+336399801010101010"])(
    "%j is not a whole one",
    (written) => {
      expect(internationalPhone(written)).toBeUndefined();
    },
  );

  it.each([
    ["+33639980101", "+33 6 39 98 01 01"],
    ["01.99.00.10.10", "+33 1 99 00 10 10"],
    ["+262692123456", "+262 692 12 34 56"],
    ["+34612345678", "+34612345678"],
    [" 39 49 ", "39 49"],
  ])("%j is shown as %s, on one line", (written, shown) => {
    expect(shownPhone(written).replaceAll("\u00a0", " ")).toBe(shown);
    if (shown.startsWith("+33")) expect(shownPhone(written)).not.toContain(" ");
  });
});
