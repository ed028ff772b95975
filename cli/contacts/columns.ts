import { shownPhone } from "../../association/index.ts";
import type { Column } from "./column.ts";
import type { Contact, Place, PostalAddress } from "./contact.ts";
import { googleColumn } from "./google.ts";

/** A heading without case, accents and signs: `Tél. mobile` is `tel mobile`. */
export const plain = (heading: string): string =>
  heading
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();

const PLACES = {
  bureau: "work",
  domicile: "home",
  business: "work",
  home: "home",
  autre: "other",
  other: "other",
} as const;
const FIELDS = {
  rue: "street",
  "rue 2": "street",
  "rue 3": "street",
  street: "street",
  "street 2": "street",
  "street 3": "street",
  ville: "city",
  city: "city",
  "dep region": "region",
  state: "region",
  "code postal": "code",
  "postal code": "code",
  "pays region": "country",
  pays: "country",
  "country region": "country",
} as const;

const SIMPLE: Readonly<Record<string, Column>> = {
  civilite: { part: "prefix" },
  titre: { part: "prefix" },
  prenom: { part: "given" },
  "first name": { part: "given" },
  "given name": { part: "given" },
  "deuxieme prenom": { part: "middle" },
  "middle name": { part: "middle" },
  nom: { part: "family" },
  "nom de famille": { part: "family" },
  "last name": { part: "family" },
  suffixe: { part: "suffix" },
  suffix: { part: "suffix" },
  "nom complet": { part: "shown" },
  "nom a afficher": { part: "shown" },
  "nom affiche": { part: "shown" },
  "display name": { part: "shown" },
  name: { part: "shown" },
  societe: { part: "organisation" },
  organisme: { part: "organisation" },
  organisation: { part: "organisation" },
  company: { part: "organisation" },
  service: { part: "unit" },
  department: { part: "unit" },
  fonction: { part: "title" },
  "job title": { part: "title" },
  profession: { part: "title" },
  "adresse de messagerie": { part: "email", place: "work" },
  "adresse de messagerie 2": { part: "email", place: "home" },
  "adresse de messagerie 3": { part: "email", place: "other" },
  "adresse electronique": { part: "email", place: "work" },
  "adresse e mail": { part: "email", place: "work" },
  "e mail address": { part: "email", place: "work" },
  "e mail 2 address": { part: "email", place: "home" },
  "e mail 3 address": { part: "email", place: "other" },
  email: { part: "email", place: "work" },
  mail: { part: "email", place: "work" },
  courriel: { part: "email", place: "work" },
  "e mail": { part: "email", place: "work" },
  "telephone bureau": { part: "phone", place: "work" },
  "telephone 2 bureau": { part: "phone", place: "work" },
  "business phone": { part: "phone", place: "work" },
  "telephone domicile": { part: "phone", place: "home" },
  "telephone 2 domicile": { part: "phone", place: "home" },
  "home phone": { part: "phone", place: "home" },
  "tel mobile": { part: "phone", place: "mobile" },
  "tel mobile 2": { part: "phone", place: "mobile" },
  "telephone mobile": { part: "phone", place: "mobile" },
  "mobile phone": { part: "phone", place: "mobile" },
  mobile: { part: "phone", place: "mobile" },
  portable: { part: "phone", place: "mobile" },
  telephone: { part: "phone", place: "other" },
  tel: { part: "phone", place: "other" },
  phone: { part: "phone", place: "other" },
  "autre telephone": { part: "phone", place: "other" },
  "autre telephone 2": { part: "phone", place: "other" },
  "other phone": { part: "phone", place: "other" },
  "telephone principal": { part: "phone", place: "other" },
  "telephone societe": { part: "phone", place: "work" },
  "telecopie bureau": { part: "phone", place: "fax" },
  "telecopie domicile": { part: "phone", place: "fax" },
  "business fax": { part: "phone", place: "fax" },
  "page web": { part: "url" },
  "web page": { part: "url" },
  "site web": { part: "url" },
  anniversaire: { part: "birthday" },
  "date de naissance": { part: "birthday" },
  birthday: { part: "birthday" },
  notes: { part: "note" },
  note: { part: "note" },
  commentaires: { part: "note" },
  categories: { part: "categories" },
  "mots cles": { part: "categories" },
  adresse: { part: "address", place: "other", field: "street" },
  "code postal": { part: "address", place: "other", field: "code" },
  ville: { part: "address", place: "other", field: "city" },
  pays: { part: "address", place: "other", field: "country" },
  uid: { part: "uid" },
  priorite: { part: "ignored" },
  prive: { part: "ignored" },
  "critere de diffusion": { part: "ignored" },
  sexe: { part: "ignored" },
  "type de messagerie": { part: "ignored" },
  "type de messagerie 2": { part: "ignored" },
  "type de messagerie 3": { part: "ignored" },
  "e mail type": { part: "ignored" },
  "e mail display name": { part: "ignored" },
  "nom complet de l adresse de messagerie": { part: "ignored" },
  "nom complet de l adresse de messagerie 2": { part: "ignored" },
  "nom complet de l adresse de messagerie 3": { part: "ignored" },
  sensitivity: { part: "ignored" },
  priority: { part: "ignored" },
  private: { part: "ignored" },
};

/** What a heading stands for; undefined for one that no program we know writes: its text becomes part of the note. */
export function columnOf(heading: string): Column | undefined {
  const words = plain(heading);
  if (Object.hasOwn(SIMPLE, words)) return SIMPLE[words];
  // `Rue (bureau)`, `Code postal (domicile)`, `Business Street`.
  for (const [word, place] of Object.entries(PLACES)) {
    for (const [name, field] of Object.entries(FIELDS)) {
      if (words === `${name} ${word}` || words === `${word} ${name}`) return { part: "address", place, field };
    }
  }
  return googleColumn(words);
}

/** Headings of our own exports: those of Outlook in French, so that it reads them. */
export const EXPORTED: readonly [string, (contact: Contact) => string | undefined][] = [
  ["Titre", ({ prefix }) => prefix],
  ["Prénom", ({ given }) => given],
  ["Deuxième prénom", ({ middle }) => middle],
  ["Nom", ({ family }) => family],
  ["Suffixe", ({ suffix }) => suffix],
  ["Nom complet", ({ shown }) => shown],
  ["Société", ({ organisation }) => organisation],
  ["Service", ({ unit }) => unit],
  ["Fonction", ({ title }) => title],
  ["Adresse de messagerie", ({ emails }) => emails[0]?.value],
  ["Adresse de messagerie 2", ({ emails }) => emails[1]?.value],
  ["Adresse de messagerie 3", ({ emails }) => emails[2]?.value],
  ["Téléphone (bureau)", ({ phones }) => nth(phones, "work", 0)],
  ["Téléphone 2 (bureau)", ({ phones }) => nth(phones, "work", 1)],
  ["Téléphone (domicile)", ({ phones }) => nth(phones, "home", 0)],
  ["Téléphone 2 (domicile)", ({ phones }) => nth(phones, "home", 1)],
  ["Tél. mobile", ({ phones }) => nth(phones, "mobile", 0)],
  ["Tél. mobile 2", ({ phones }) => nth(phones, "mobile", 1)],
  ["Autre téléphone", ({ phones }) => nth(phones, "other", 0)],
  ["Autre téléphone 2", ({ phones }) => nth(phones, "other", 1)],
  ["Télécopie (bureau)", ({ phones }) => nth(phones, "fax", 0)],
  ...(["work", "home", "other"] as const).flatMap((place): [string, (contact: Contact) => string | undefined][] => {
    const word = { work: " (bureau)", home: " (domicile)", other: " (autre)" }[place];
    const at = (field: keyof Omit<PostalAddress, "place">) => (contact: Contact) =>
      contact.addresses.find((address) => address.place === place)?.[field];
    return [
      [`Rue${word}`, at("street")],
      [`Ville${word}`, at("city")],
      [`Dép/Région${word}`, at("region")],
      [`Code postal${word}`, at("code")],
      [`Pays/Région${word}`, at("country")],
    ];
  }),
  ["Anniversaire", ({ birthday }) => birthday?.split("-").filter(Boolean).reverse().join("/")],
  ["Page Web", ({ url }) => url],
  ["Catégories", ({ categories }) => categories.join(";")],
  ["Notes", (contact) => [contact.note, ...beyond(contact)].filter(Boolean).join("\n") || undefined],
  ["UID", ({ uid }) => uid],
];

/** How many of each there are columns for. */
const SHOWN_EMAILS = 3;
const SHOWN_PHONES: Readonly<Record<Place, number>> = { work: 2, home: 2, mobile: 2, other: 2, fax: 1 };

/** What no column is left for: it is not lost in an import of what was exported. */
const beyond = ({ emails, phones, addresses }: Contact): string[] => [
  ...emails.slice(SHOWN_EMAILS).map(({ value }) => value),
  ...Object.entries(SHOWN_PHONES).flatMap(([place, shown]) =>
    phones
      .filter((phone) => phone.place === place)
      .slice(shown)
      .map(({ value }) => shownPhone(value)),
  ),
  ...addresses
    .filter((address, index) => addresses.findIndex(({ place }) => place === address.place) !== index)
    .map(({ street, code, city, region, country }) => [street, code, city, region, country].filter(Boolean).join(", ")),
];

/** Grouped: a spreadsheet takes digits alone for an amount, and drops their plus. */
const nth = (phones: Contact["phones"], place: Place, index: number): string | undefined => {
  const value = phones.filter((phone) => phone.place === place)[index]?.value;
  return value === undefined ? undefined : shownPhone(value).replaceAll("\u00a0", " ");
};
