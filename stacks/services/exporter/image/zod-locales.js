// In the place of zod's own, which loads its messages in fifty languages, and costs three megabytes: ours are for those who mend a
// configuration, in English.
export { default as en } from "./en.js";
