import { ensureBaseImages } from "./base-images.ts";
import type { Command } from "./command.ts";
import { ask, type EngineInfo } from "./docker.ts";
import { defaultEndpoint, readyEngine, thisMachine } from "./engine.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";

const command: Command = {
  notes: "It starts Docker by hand only where no service manager does, you are root, and DOCKER_HOST is not set.",
  async run() {
    const problem = await readyEngine(await thisMachine());
    if (problem) throw new Refusal(problem);
    await ensureBaseImages();
    const info = await ask<EngineInfo>(defaultEndpoint(), "/info");
    say.good(`Docker ${info.ServerVersion} is ready at ${defaultEndpoint()} (data in ${info.DockerRootDir})`);
  },
};

export default command;
