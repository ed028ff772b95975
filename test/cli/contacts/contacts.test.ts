import { describe, expect, it } from "vitest";
import { readCsv, writeCsv } from "../../../cli/contacts/csv.ts";
import { decode } from "../../../cli/contacts/decode.ts";
import { readCards, writeCards } from "../../../cli/contacts/vcard.ts";
import { cardsOf } from "../../../cli/contacts.ts";

/** As Outlook in French writes it: semicolons, Windows-1252, every text in quotation marks. */
const OUTLOOK =
  '"Titre";"Prénom";"Deuxième prénom";"Nom";"Suffixe";"Société";"Service";"Fonction";"Rue (bureau)";"Ville (bureau)";"Dép/Région (bureau)";' +
  '"Code postal (bureau)";"Pays/Région (bureau)";"Télécopie (bureau)";"Téléphone (bureau)";"Téléphone (domicile)";"Tél. mobile";"Anniversaire";' +
  '"Adresse de messagerie";"Type de messagerie";"Nom complet de l\'adresse de messagerie";"Catégories";"Notes";"Page Web";"Passe-temps"\r\n' +
  '"Mme";"Maïté";"";"Etcheverry";"";"Œuvres d\'été & Cie";"Achats";"Gérante";"3, rue de l\'Église\r\nBât. B";"Bayonne";"";"64100";"France";"";' +
  '"05 59 00 00 01";"";"+33 6 39 98 01 05";"31/01/1980";"maite@exemple.example";"SMTP";"Maïté E. (maite@exemple.example)";' +
  '"Fournisseurs;École";"Livre le mardi.\r\nDit ""toujours"" oui ; 3 €";"https://exemple.example";"Pelote"\r\n' +
  '"";"";"";"";"";"Boulangerie Ço";"";"";"";"";"";"";"";"";"";"";"";"0/0/00";"";"";"";"";"";"";""\r\n';

/** The bytes of Windows-1252, which Node only reads. */
function windows1252(text: string): Uint8Array {
  const all = new Map(
    Array.from({ length: 256 }, (_, byte) => [new TextDecoder("windows-1252").decode(Uint8Array.of(byte)), byte]),
  );
  return Uint8Array.from([...text].map((sign) => all.get(sign)!));
}
const utf16 = (text: string, big: boolean): Uint8Array => {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return big ? bytes.swap16() : bytes;
};

describe("a file of contacts", () => {
  it.each([
    ["Windows-1252", windows1252(OUTLOOK)],
    ["UTF-8", Buffer.from(OUTLOOK)],
    ["UTF-8 with its mark", Buffer.from(`\ufeff${OUTLOOK}`)],
    ["UTF-16, little-endian", utf16(OUTLOOK, false)],
    ["UTF-16, big-endian", utf16(OUTLOOK, true)],
  ])("is read in %s", (_, bytes) => {
    expect(decode(bytes)).toBe(OUTLOOK);
  });
});

describe("an export of Outlook in French", () => {
  const { contacts, bad, unknown } = readCsv(OUTLOOK);

  it("is read whole: names, addresses, telephones, days, lines within a cell", () => {
    expect(bad).toEqual([]);
    expect(contacts[0]).toEqual({
      prefix: "Mme",
      given: "Maïté",
      family: "Etcheverry",
      organisation: "Œuvres d'été & Cie",
      unit: "Achats",
      title: "Gérante",
      addresses: [
        { place: "work", street: "3, rue de l'Église\nBât. B", city: "Bayonne", code: "64100", country: "France" },
      ],
      phones: [
        { place: "work", value: "05 59 00 00 01" },
        { place: "mobile", value: "+33 6 39 98 01 05" },
      ],
      birthday: "1980-01-31",
      emails: [{ place: "work", value: "maite@exemple.example" }],
      categories: ["Fournisseurs", "École"],
      note: 'Livre le mardi.\nDit "toujours" oui ; 3 €\nPasse-temps: Pelote',
      url: "https://exemple.example",
    });
    expect(contacts[1]).toMatchObject({ organisation: "Boulangerie Ço", emails: [] });
  });

  it("loses nothing: a column that nobody knows goes to the notes, and is named", () => {
    expect(unknown).toEqual(["Passe-temps"]);
  });

  it("becomes cards and comes back the same, telephone numbers as every telephone knows them", () => {
    const phones = [
      { place: "work", value: "+33559000001" },
      { place: "mobile", value: "+33639980105" },
    ];
    expect(readCards(writeCards(contacts))).toEqual([{ ...contacts[0], phones }, ...contacts.slice(1)]);
  });

  it("becomes a spreadsheet and comes back the same", () => {
    const phones = [
      { place: "work", value: "+33 5 59 00 00 01" },
      { place: "mobile", value: "+33 6 39 98 01 05" },
    ];
    expect(readCsv(writeCsv(contacts)).contacts).toEqual([{ ...contacts[0], phones }, ...contacts.slice(1)]);
  });
});

describe("a spreadsheet", () => {
  it.each([
    ["semicolons", "Nom;Prénom;Courriel\nRoux;Jeanne;j@x.example\n"],
    ["commas", "Nom,Prénom,Courriel\r\nRoux,Jeanne,j@x.example\r\n"],
    ["tabs", "Nom\tPrénom\tCourriel\nRoux\tJeanne\tj@x.example\n"],
    ["what its first line says", "sep=|\r\nNom|Prénom|Courriel\r\nRoux|Jeanne|j@x.example\r\n"],
    ["headings in capitals, without accents", "NOM;PRENOM;COURRIEL\nRoux;Jeanne;j@x.example\n"],
    ["English headings", "Last Name,First Name,E-mail Address\nRoux,Jeanne,j@x.example\n"],
  ])("is read with %s", (_, text) => {
    expect(readCsv(text)).toMatchObject({
      contacts: [{ family: "Roux", given: "Jeanne", emails: [{ value: "j@x.example" }] }],
      bad: [],
    });
  });

  it("has every bad row named with its line, and gives nothing for them", () => {
    const text =
      "Nom;Courriel;Anniversaire\nRoux;jeanne@x.example;31/02/1980\nMartin;pas une adresse;\n;;1/1/1990\nFaure;paul@x.example;;trop;long\nBon;bon@x.example;1/2/1990\n";
    const { bad, contacts } = readCsv(text);
    expect(bad).toEqual([
      { line: 2, why: '"31/02/1980" is not a day such as 31/01/1980' },
      { line: 3, why: '"pas une adresse" is not a mail address' },
      { line: 4, why: "has neither name nor address" },
      { line: 5, why: "has 5 fields, and there are 3 headings" },
    ]);
    expect(contacts).toMatchObject([{ family: "Bon", birthday: "1990-02-01" }]);
  });

  it("without a heading that is known is refused, and so is what is no table", () => {
    expect(readCsv("a;b\n1;2\n").bad).toMatchObject([{ line: 1 }]);
    expect(readCsv("").bad).toHaveLength(1);
  });

  it("that we write has in its notes what no column is left for", () => {
    const many = (values: readonly string[], place: "mobile" | "work") => values.map((value) => ({ place, value }));
    const address = (city: string) => ({ place: "work" as const, city });
    const [back] = readCsv(
      writeCsv([
        {
          family: "Roux",
          emails: many(["1@x.example", "2@x.example", "3@x.example", "4@x.example"], "work"),
          phones: many(["+33639980101", "+33639980102", "+33639980103"], "mobile"),
          addresses: [address("Pau"), address("Dax")],
          categories: [],
          note: "Dit oui",
        },
      ]),
    ).contacts;
    expect(back).toMatchObject({
      emails: [{ value: "1@x.example" }, { value: "2@x.example" }, { value: "3@x.example" }],
      phones: [{ value: "+33 6 39 98 01 01" }, { value: "+33 6 39 98 01 02" }],
      addresses: [{ city: "Pau" }],
      note: expect.stringMatching(/^Dit oui\n4@x\.example\n\+33.6.39.98.01.03\nDax$/),
    });
  });

  it("that we write starts no formula when it is opened", () => {
    const [contact] = readCsv('Nom;Notes\n"=cmd|/c calc";"+33 6 00"\n').contacts;
    const text = writeCsv([contact!]);
    expect(text).toContain("'=cmd|/c calc");
    expect(text).toContain(";+33 6 00;");
  });
});

describe("an export of Google Contacts", () => {
  const text =
    "First Name,Middle Name,Last Name,Phonetic First Name,Name Prefix,Nickname,File As,Organization Name,Organization Title,Birthday,Notes,Photo,Labels," +
    "E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value," +
    "Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - Postal Code,Address 1 - Extended Address," +
    "Address 2 - Label,Address 2 - Formatted,Website 1 - Label,Website 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value\n" +
    'Maïté,,Etcheverry,,Mme,Maï,,Épicerie,Gérante,--03-07,"Deux\nlignes, et une virgule",https://x.example/p,* myContacts ::: Fournisseurs,' +
    "* Work,m@x.example ::: m2@x.example,Domicile,chez@x.example,Mobile,06 39 98 01 05 ::: +33 6 39 98 01 06,Entrepôt,05 59 00 00 01," +
    'Work,"3 rue de l\'Église\n64100 Bayonne","3 rue de l\'Église",Bayonne,64100,Bât. B,Home,"Chez elle, Anglet",Profile,https://x.example,Livraison,mardi\n';
  const { contacts, bad, unknown } = readCsv(text);

  it("is read with what each value is, several values in a cell, and words of one's own kept in the notes", () => {
    expect(bad).toEqual([]);
    expect(unknown).toEqual(["Nickname"]);
    expect(contacts).toEqual([
      {
        prefix: "Mme",
        given: "Maïté",
        family: "Etcheverry",
        organisation: "Épicerie",
        title: "Gérante",
        emails: [
          { place: "work", value: "m@x.example" },
          { place: "work", value: "m2@x.example" },
          { place: "home", value: "chez@x.example" },
        ],
        phones: [
          { place: "mobile", value: "06 39 98 01 05" },
          { place: "mobile", value: "+33 6 39 98 01 06" },
          { place: "other", value: "05 59 00 00 01" },
        ],
        addresses: [
          { place: "work", street: "3 rue de l'Église\nBât. B", city: "Bayonne", code: "64100" },
          { place: "home", street: "Chez elle, Anglet" },
        ],
        birthday: "--03-07",
        url: "https://x.example",
        categories: ["Fournisseurs"],
        note: "Deux\nlignes, et une virgule\nNickname: Maï\nEntrepôt: 05 59 00 00 01\nLivraison: mardi",
      },
    ]);
  });

  it("has a bad row named by the line where it begins", () => {
    expect(
      readCsv('First Name,Notes,E-mail 1 - Value\nA,"un\ndeux\ntrois",a@x.example\nB,"un\ndeux",faux\n').bad,
    ).toEqual([{ line: 5, why: '"faux" is not a mail address' }]);
  });
});

describe("a birthday of which nobody told the year", () => {
  it("stays one in cards, as Apple writes it, and in spreadsheets", () => {
    const card =
      "BEGIN:VCARD\r\nVERSION:3.0\r\nN:A;;;;\r\nFN:A\r\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-03-07\r\nEND:VCARD\r\n";
    const [contact] = readCards(card);
    expect(contact).toMatchObject({ birthday: "--03-07" });
    expect(readCards(writeCards([contact!]))).toEqual([contact]);
    expect(readCsv(writeCsv([contact!])).contacts).toMatchObject([{ birthday: "--03-07" }]);
  });

  it("may be the 29th of February, and not the 30th", () => {
    expect(readCsv("Nom;Anniversaire\nA;29/02\n").contacts).toMatchObject([{ birthday: "--02-29" }]);
    expect(readCsv("Nom;Anniversaire\nA;30/02\n").bad).toHaveLength(1);
  });
});

describe("an import", () => {
  it("refuses the whole file where a row is bad, naming all of them", () => {
    expect(() => cardsOf("a.csv", Buffer.from("Nom;Courriel\nA;x\nB;y\n"))).toThrow(
      /2 row\(s\)[\s\S]*line 2[\s\S]*line 3/,
    );
  });

  it("make one card of two rows about one person, with all that either says", () => {
    const head = "Prénom;Nom;Adresse de messagerie;Tél. mobile;Téléphone (bureau);Société;Notes;Catégories";
    const rows = [
      "Zoé;L’Hostis;zoe@exemple.fr;06 12 34 56 78;;Café;Le mardi;Fournisseurs",
      "Ana;Autre;ana@exemple.fr;;;;;",
      "Zoé;L’Hostis;Zoe@exemple.fr;0612345678;04 66 00 11 22;;Le jeudi;",
    ];
    const found = readCards(cardsOf("a.csv", Buffer.from([head, ...rows].join("\r\n"))));
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({
      emails: [{ value: "zoe@exemple.fr" }],
      phones: [{ value: "+33612345678" }, { value: "+33466001122" }],
      organisation: "Café",
      note: "Le mardi\nLe jeudi",
      categories: ["Fournisseurs"],
    });
  });

  it("gives the same row the same card each time", () => {
    const bytes = windows1252(OUTLOOK);
    expect(cardsOf("a.csv", bytes)).toBe(cardsOf("b.csv", bytes));
    expect(readCards(cardsOf("a.csv", bytes)).map(({ uid }) => uid)).toEqual([expect.any(String), expect.any(String)]);
  });

  it.each(["3.0", "4.0"])("reads semicolons, commas and backslashes of a card %s as they were meant", (version) => {
    const card = [
      "BEGIN:VCARD",
      `VERSION:${version}`,
      String.raw`FN:Léa\; Martin\, mai`,
      String.raw` rie \\ école`,
      String.raw`N:Mar\;tin;L\,éa;;;`,
      String.raw`item1.ORG:A\;B;C`,
      String.raw`NOTE:un\;deux\, trois\nquatre\\;cinq;six`,
      String.raw`CATEGORIES:a\;b,c\,d`,
      "END:VCARD",
    ].join("\r\n");
    expect(readCards(card)).toEqual([
      expect.objectContaining({
        shown: String.raw`Léa; Martin, mairie \ école`,
        family: "Mar;tin",
        given: "L,éa",
        organisation: "A;B",
        unit: "C",
        note: "un;deux, trois\nquatre\\;cinq;six",
        categories: ["a;b", "c,d"],
      }),
    ]);
  });

  it("hands cards on as they are", () => {
    const card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Léa\r\nEND:VCARD\r\n";
    expect(cardsOf("a.vcf", Buffer.from(card))).toBe(card);
  });
});
