import { z } from "zod";
import { english } from "../../dashboards/words/plural.ts";

/**
 * What a disk says of itself, as `smartctl --json` of smartmontools 7 writes it; of that, what is judged and shown.
 * Attributes of ATA disks are known by their numbers (ATA/ATAPI Command Set, annex on SMART); NVMe has a log of its own (NVM Express Base, "SMART / Health").
 */
const count = z.number().nonnegative();

const document = z.object({
  smartctl: z.object({
    exit_status: z.number().int().min(0).max(255),
    messages: z.array(z.object({ string: z.string() })).optional(),
  }),
  device: z.object({ name: z.string(), info_name: z.string().optional() }).optional(),
  model_name: z.string().optional(),
  scsi_model_name: z.string().optional(),
  serial_number: z.string().optional(),
  smart_status: z.object({ passed: z.boolean() }).optional(),
  temperature: z.object({ current: z.number() }).optional(),
  power_on_time: z.object({ hours: count }).optional(),
  ata_smart_attributes: z
    .object({
      table: z.array(
        z.object({
          id: z.number().int(),
          name: z.string().optional(),
          when_failed: z.string().optional(),
          raw: z.object({ value: count, string: z.string().optional() }),
        }),
      ),
    })
    .optional(),
  ata_smart_self_test_log: z
    .object({
      standard: z
        .object({ table: z.array(z.object({ status: z.object({ passed: z.boolean().optional() }) })).optional() })
        .optional(),
    })
    .optional(),
  nvme_smart_health_information_log: z
    .object({
      critical_warning: count,
      percentage_used: count,
      available_spare: count,
      available_spare_threshold: count,
      media_errors: count,
    })
    .optional(),
  scsi_grown_defect_list: count.optional(),
});
type Document = z.output<typeof document>;

/** A disk, as it is kept: small, and its texts cleaned. */
export const disk = z.object({
  /** `sda`, or `sda megaraid_disk_00` behind a controller. */
  name: z.string().max(60),
  /** Model and serial number, to find it in the machine. */
  label: z.string().max(120),
  /** Why it could not be asked. */
  unread: z.string().max(200).optional(),
  /** The disk's own verdict. */
  passed: z.boolean().optional(),
  /** Attributes that have passed the threshold of the disk's maker. */
  failing: z.array(z.string().max(60)).max(30),
  celsius: z.number().optional(),
  hours: z.number().optional(),
  /** Sectors that were replaced by spare ones. */
  reallocated: z.number().optional(),
  /** Sectors that cannot be read, or errors of the medium. */
  unreadable: z.number().optional(),
  /** Of an SSD's life, from 0 to 1; may go beyond. */
  worn: z.number().optional(),
  /** The last self-test. */
  tested: z.boolean().optional(),
});
export type Disk = z.output<typeof disk>;

const MOST_DISKS = 64;
/** Bits of smartctl's exit status (smartctl(8), "EXIT STATUS"): the command line, the device's opening and its first command. */
const NOT_READ = 0b111;
const CRITICAL = ["spare room", "temperature", "reliability", "read-only", "backup of its memory", "persistent memory"];

const clean = (text: string, most: number): string =>
  text
    .replace(/[^\p{L}\p{N} ._:/+-]/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, most);

/**
 * The disks of one or several documents, one a line (`--json=c`) or a single one over several lines; undefined where the text is none.
 */
export function readDisks(text: string): Disk[] | undefined {
  const documents = parseAll(text);
  if (documents === undefined || documents.length === 0 || documents.length > MOST_DISKS) return undefined;
  const parsed = documents.map((one) => document.safeParse(one));
  if (parsed.some(({ success }) => !success)) return undefined;
  const disks = parsed.map(({ data }) => diskOf(data!));
  // Two of one name would hide each other.
  return new Set(disks.map(({ name }) => name)).size === disks.length ? disks : undefined;
}

function parseAll(text: string): unknown[] | undefined {
  const attempts = [
    () => [JSON.parse(text)],
    () =>
      text
        .trim()
        .split(/\r?\n/)
        .map((line) => JSON.parse(line)),
  ];
  for (const attempt of attempts) {
    try {
      return attempt().flat();
    } catch {
      // The other way.
    }
  }
  return undefined;
}

function diskOf(from: Document): Disk {
  const { device, ata_smart_attributes: ata, nvme_smart_health_information_log: nvme, smartctl } = from;
  const attributes = ata?.table ?? [];
  const raw = (id: number): number | undefined => rawOf(attributes.find((one) => one.id === id));
  const unreadable = [raw(197), raw(198), nvme?.media_errors].filter((found) => found !== undefined);
  const selfTest = from.ata_smart_self_test_log?.standard?.table?.[0]?.status.passed;
  const reallocated = raw(5) ?? from.scsi_grown_defect_list;
  const said =
    smartctl.messages?.map(({ string }) => string).join("; ") || `smartctl ended with ${smartctl.exit_status}`;
  return {
    name: clean((device?.info_name ?? device?.name ?? "disk").replace(/^\/dev\//, ""), 60) || "disk",
    label: clean([from.model_name ?? from.scsi_model_name ?? "", from.serial_number ?? ""].join(" "), 120),
    ...(smartctl.exit_status & NOT_READ ? { unread: clean(said, 200) } : {}),
    ...(from.smart_status ? { passed: from.smart_status.passed } : {}),
    failing: [
      ...attributes
        .filter(({ when_failed }) => when_failed === "now")
        .map(({ id, name }) => clean(name ?? `${id}`, 60)),
      ...CRITICAL.filter((_, bit) => (nvme?.critical_warning ?? 0) & (1 << bit)),
    ].slice(0, 30),
    ...(from.temperature ? { celsius: from.temperature.current } : {}),
    ...(from.power_on_time ? { hours: from.power_on_time.hours } : {}),
    ...(reallocated === undefined ? {} : { reallocated }),
    ...(unreadable.length === 0 ? {} : { unreadable: Math.max(...unreadable) }),
    ...(nvme ? { worn: nvme.percentage_used / 100 } : {}),
    ...(selfTest === undefined ? {} : { tested: selfTest }),
  };
}

/** Makers put other counters into the upper bytes of a raw value; the text begins with the number that is meant. */
function rawOf(
  attribute: NonNullable<Document["ata_smart_attributes"]>["table"][number] | undefined,
): number | undefined {
  if (attribute === undefined) return undefined;
  const [first] = /^\d+/.exec(attribute.raw.string ?? "") ?? [];
  return first === undefined ? attribute.raw.value : Number(first);
}

export interface Limits {
  celsius: number;
  reallocated: number;
  unreadable: number;
  worn: number;
}

/** What is wrong with a disk, in plain words; nothing where it is well. */
export function troubleOf(found: Disk, limits: Limits): string[] {
  const over = (value: number | undefined, most: number, words: (value: number) => string): string[] =>
    value !== undefined && value > most ? [words(value)] : [];
  return [
    ...(found.unread === undefined ? [] : [`could not be asked: ${found.unread}`]),
    ...(found.passed === false ? ["says itself that it fails"] : []),
    ...(found.failing.length === 0 ? [] : [`past its maker's limits: ${found.failing.join(", ")}`]),
    ...(found.tested === false ? ["failed its last self-test"] : []),
    ...over(
      found.unreadable,
      limits.unreadable,
      (n) =>
        `${n} ${english.form(n, "unreadable sector or error", "unreadable sectors or errors")} of the medium, expected ${limits.unreadable} at most`,
    ),
    ...over(
      found.reallocated,
      limits.reallocated,
      (n) => `${n} ${english.form(n, "sector", "sectors")} replaced, expected ${limits.reallocated} at most`,
    ),
    ...over(
      found.worn,
      limits.worn,
      (n) => `${Math.round(n * 100)} % of its life used, expected ${Math.round(limits.worn * 100)} % at most`,
    ),
    ...over(found.celsius, limits.celsius, (n) => `${n} °C, expected ${limits.celsius} °C at most`),
  ];
}
