// Builds and packs the npm packages: one for each system with the program inside, and the one that chooses among them.
//
//   node npm/build.mjs --version 1.2.3 --out dist/npm [--systems linux-x64,darwin-arm64] [--binary PATH]
//
// Without --systems there are packages for all of them. With --binary that program is packed for the system of this
// machine, and none is built.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url)), root = dirname(here);
const arches = { x64: "amd64", arm64: "arm64" };
const systems = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"];
const { values } = parseArgs({
  options: { version: { type: "string" }, out: { type: "string" }, systems: { type: "string" }, binary: { type: "string" } },
});
if (!values.version || !values.out) throw new Error("want --version and --out");
const wanted = values.binary ? [`${process.platform}-${process.arch}`] : values.systems?.split(",") ?? systems;
for (const s of wanted) if (!systems.includes(s)) throw new Error(`${s} is none of ${systems.join(", ")}`);

function must(command, args, options) {
  const done = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"], ...options });
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${done.error ?? `exit code ${done.status}`}`);
}

const out = resolve(values.out), work = mkdtempSync(join(tmpdir(), "sower-npm-"));
mkdirSync(out, { recursive: true });
const pack = (folder) => must("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", out], { cwd: folder });
const main = JSON.parse(readFileSync(join(here, "sower/package.json"), "utf8"));
try {
  for (const system of wanted) {
    const [platform, arch] = system.split("-"), folder = join(work, system);
    const binary = join(folder, "bin", platform === "win32" ? "sower.exe" : "sower");
    mkdirSync(dirname(binary), { recursive: true });
    if (values.binary) {
      copyFileSync(values.binary, binary);
    } else {
      must("go", ["build", "-trimpath", "-ldflags", `-s -w -X github.com/sowerdata/sower/internal/cli.Version=${values.version}`, "-o", binary, "./cmd/sower"], {
        cwd: root, env: { ...process.env, CGO_ENABLED: "0", GOOS: platform === "win32" ? "windows" : platform, GOARCH: arches[arch] },
      });
    }
    chmodSync(binary, 0o755);
    writeFileSync(join(folder, "package.json"), JSON.stringify({
      name: `${main.name}-${system}`, version: values.version, description: `The program of ${main.name} for ${system}`,
      license: main.license, repository: main.repository, os: [platform], cpu: [arch], files: ["bin"], preferUnplugged: true,
    }, null, 2));
    pack(folder);
  }
  const folder = join(work, "sower");
  cpSync(join(here, "sower"), folder, { recursive: true });
  main.version = values.version;
  main.optionalDependencies = Object.fromEntries(systems.map((s) => [`${main.name}-${s}`, values.version]));
  writeFileSync(join(folder, "package.json"), JSON.stringify(main, null, 2));
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  pack(folder);
} finally {
  rmSync(work, { recursive: true });
}
