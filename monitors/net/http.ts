/**
 * Node's own HTTP client and server. Importing them as a module would read all that it offers, and with it a second HTTP client and
 * WebSockets: two megabytes and a tenth of a second for what nobody uses.
 */
export const { request, createServer } = process.getBuiltinModule("node:http");
