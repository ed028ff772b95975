import type { Socket } from "node:net";

/** Keeps writing as fast as it is read, without ever filling memory. */
export function pour(socket: Socket, piece: Uint8Array | string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("drain", more);
  more();
}

/** Writes now and then, for ever. */
export function drip(socket: Socket, piece: Uint8Array | string, everyMs = 30): void {
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.on("close", () => clearInterval(timer));
}
