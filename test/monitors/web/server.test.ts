import { once } from "node:events";
import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { serve } from "../../../monitors/web/server.ts";

it("lets go of whoever goes on sending after the answer, and of nobody else", async () => {
  const { port, stop } = await serve((_, response) => void response.writeHead(401).end("no"), 0, "127.0.0.1");
  onTestFinished(() => stop(0));
  const ask = async (said: string) => {
    const socket = connect(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.write(said);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1.1 401/);
    return socket;
  };
  const slow = await ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\na");
  const whole = await ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
  if (!slow.destroyed) await once(slow, "close");
  whole.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const [again] = await once(whole, "data");
  expect(String(again)).toMatch(/^HTTP\/1.1 401/);
});
