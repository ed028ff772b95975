/** A number of things in French, where none is as singular as one is. */
export const plural = (count: number, one: string, many: string): string => `${count} ${count < 2 ? one : many}`;
