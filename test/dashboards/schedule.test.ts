import { expect, it } from "vitest";
import { cronWords } from "../../dashboards/schedule.ts";
import { words } from "../../dashboards/words/index.ts";

it.each([
  ["0 3 * * *", "chaque jour à 03:00", "every day at 03:00"],
  ["15 */6 * * *", "toutes les 6 heures, à la minute 15", "every 6 hours, at minute 15"],
  ["5 */1 * * *", "chaque heure, à la minute 05", "every hour, at minute 05"],
  ["0 3 * * 0#1", "0 3 * * 0#1", "0 3 * * 0#1"],
  ["@daily", "@daily", "@daily"],
])("says %j in words where it is one that most have", (cron, french, english) => {
  expect(cronWords(cron, words.fr)).toBe(french);
  expect(cronWords(cron, words.en)).toBe(english);
});
