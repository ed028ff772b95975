// A minimal Node language host for the Pulumi CLI. It takes grpc and the
// generated messages from the @pulumi/pulumi of the program's own directory
// (or PULUMI_NODE_SDK), and runs programs through @pulumi/pulumi/cmd/run.
"use strict";
const path = require("node:path");
const fs = require("node:fs");
const { spawn } = require("node:child_process");
const { createRequire } = require("node:module");

const LOG = process.env.VIGIE_LANGUAGE_HOST_LOG;
const log = (...a) => {
  if (LOG) fs.appendFileSync(LOG, `${a.map((x) => (typeof x === "string" ? x : JSON.stringify(x))).join(" ")}\n`);
};
function findSdk(dir) {
  for (const d of [dir, process.env.PULUMI_NODE_SDK, process.cwd(), __dirname]) {
    if (!d) continue;
    try {
      return path.dirname(createRequire(path.join(d, "x.js")).resolve("@pulumi/pulumi/package.json"));
    } catch {
      /* next */
    }
  }
  return undefined;
}
const args = process.argv.slice(2);
log("argv", args, "cwd", process.cwd());
const engineArg = args.filter((a) => !a.startsWith("-")).pop();
const sdk = findSdk(process.cwd());
if (!sdk) {
  console.error(`pulumi-language-nodejs: @pulumi/pulumi not found from ${process.cwd()}`);
  process.exit(1);
}
const req = createRequire(path.join(sdk, "package.json"));
const grpc = req("@grpc/grpc-js");
const P = (n) => req(`./proto/${n}`);
const L = P("language_pb.js"),
  LG = P("language_grpc_pb.js"),
  PL = P("plugin_pb.js");
const Empty = req("google-protobuf/google/protobuf/empty_pb.js").Empty;
let engine = engineArg;

const opt = (info, k) => {
  try {
    return info?.getOptions()?.toJavaScript()?.[k];
  } catch {
    return undefined;
  }
};

// Every @pulumi package with a "pulumi" block in its package.json names a plugin.
function requiredPackages(dir) {
  const out = [],
    seen = new Set();
  for (let d = dir; ; d = path.dirname(d)) {
    const nm = path.join(d, "node_modules");
    if (fs.existsSync(nm))
      for (const e of fs.readdirSync(nm)) {
        const pkgs = e.startsWith("@")
          ? fs.readdirSync(path.join(nm, e)).map((x) => path.join(nm, e, x))
          : [path.join(nm, e)];
        for (const p of pkgs) {
          let j;
          try {
            j = JSON.parse(fs.readFileSync(path.join(p, "package.json"), "utf8"));
          } catch {
            continue;
          }
          if (!j.pulumi?.resource) continue;
          const name = j.pulumi.name ?? j.name.replace(/^@pulumi\//, "");
          if (seen.has(name)) continue;
          seen.add(name);
          const m = new PL.PackageDependency();
          m.setName(name);
          m.setKind("resource");
          m.setVersion(`v${String(j.pulumi.version ?? j.version).replace(/^v/, "")}`);
          if (j.pulumi.server) m.setServer(j.pulumi.server);
          out.push(m);
        }
      }
    if (path.dirname(d) === d) break;
  }
  return out;
}

function run(call, cb) {
  const r = call.request,
    info = r.getInfo();
  const pwd = r.getPwd() || info?.getProgramDirectory();
  const dir = info?.getProgramDirectory() || pwd;
  const local = findSdk(dir) ?? sdk;
  const ts = opt(info, "typescript");
  const env = { ...process.env };
  env.PULUMI_NODEJS_TYPESCRIPT = String(ts === undefined ? true : ts);
  const cfg = {};
  r.getConfigMap().forEach((v, k) => {
    cfg[k] = v;
  });
  env.PULUMI_CONFIG = JSON.stringify(cfg);
  env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(r.getConfigsecretkeysList());
  const a = [
    path.join(local, "cmd", "run"),
    `--monitor=${r.getMonitorAddress()}`,
    `--engine=${engine}`,
    `--project=${r.getProject()}`,
    `--stack=${r.getStack()}`,
    `--organization=${r.getOrganization()}`,
    `--root-directory=${info?.getRootDirectory() ?? ""}`,
    `--pwd=${pwd}`,
  ];
  if (r.getDryrun()) a.push("--dry-run");
  if (r.getParallel()) a.push(`--parallel=${r.getParallel()}`);
  a.push(info?.getEntryPoint() || r.getProgram() || ".", ...r.getArgsList());
  log("run", a);
  const c = spawn(process.execPath, a, { env, cwd: pwd, stdio: ["ignore", "pipe", "pipe"] });
  c.stdout.on("data", (d) => process.stdout.write(d));
  c.stderr.on("data", (d) => process.stderr.write(d));
  c.on("error", (e) => {
    const m = new L.RunResponse();
    m.setError(String(e));
    cb(null, m);
  });
  c.on("close", (code, sig) => {
    log("closed", String(code), String(sig));
    const m = new L.RunResponse();
    if (code === 32)
      m.setBail(true); // cmd/run has already reported the errors
    else if (code !== 0) m.setError(`Program exited with ${sig ? `signal ${sig}` : `non-zero exit code: ${code}`}`);
    cb(null, m);
  });
}

function install(call) {
  const r = call.request;
  const c = spawn("npm", ["install"], {
    cwd: r.getDirectory() || r.getInfo()?.getProgramDirectory(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const put = (f) => (d) => {
    const m = new L.InstallDependenciesResponse();
    m[f](new Uint8Array(d));
    call.write(m);
  };
  c.stdout.on("data", put("setStdout"));
  c.stderr.on("data", put("setStderr"));
  c.on("close", (code) =>
    code
      ? call.destroy(Object.assign(new Error(`npm install exited ${code}`), { code: grpc.status.UNKNOWN }))
      : call.end(),
  );
}

const impl = {
  handshake: (c, cb) => {
    engine = c.request.getEngineAddress() || engine;
    log("handshake", c.request.toObject());
    cb(null, new L.LanguageHandshakeResponse());
  },
  getPluginInfo: (_c, cb) => {
    const m = new PL.PluginInfo();
    m.setVersion("3.259.0");
    cb(null, m);
  },
  getRequiredPlugins: (_c, cb) => cb({ code: grpc.status.UNIMPLEMENTED }),
  getRequiredPackages: (c, cb) => {
    const m = new L.GetRequiredPackagesResponse();
    m.setPackagesList(requiredPackages(c.request.getInfo().getProgramDirectory()));
    log("required", m.toObject());
    cb(null, m);
  },
  run,
  installDependencies: install,
  runtimeOptionsPrompts: (_c, cb) => cb(null, new L.RuntimeOptionsResponse()),
  about: (_c, cb) => {
    const m = new L.AboutResponse();
    m.setExecutable(process.execPath);
    m.setVersion(process.version);
    cb(null, m);
  },
  getProgramDependencies: (_c, cb) => cb(null, new L.GetProgramDependenciesResponse()),
  cancel: (_c, cb) => cb(null, new Empty()),
};
const server = new grpc.Server({
  "grpc.max_receive_message_length": 400 << 20,
  "grpc.max_send_message_length": 400 << 20,
});
server.addService(LG.LanguageRuntimeService, impl);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (e, port) => {
  if (e) {
    console.error(e);
    process.exit(1);
  }
  process.stdout.write(`${port}\n`);
});
// The CLI gives its host a process group of its own, and ends it with SIGINT: a terminal's Ctrl-C does not come here.
process.on("SIGINT", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
