/** An entry of a record by a name that comes from outside: `constructor` and the like are not entries. */
export const lookup = <T>(record: Readonly<Record<string, T>> | undefined, name: string | undefined): T | undefined =>
  record !== undefined && name !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
