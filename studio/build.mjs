// Builds the page into the folder that the program embeds. With --watch, again at each change.
import { copyFileSync, mkdirSync, readFileSync, statSync, watch } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const out = "../internal/studio/assets";
const options = {
  entryPoints: ["src/app.tsx", "src/app.css"], outdir: out, bundle: true, minify: true, format: "esm", target: "es2022",
  jsx: "automatic", jsxImportSource: "preact", legalComments: "none", charset: "utf8", logLevel: "info",
};
// What the page of sower inspect holds within itself.
const inspect = { ...options, entryPoints: ["src/inspect.tsx", "src/inspect.css"], outdir: "../internal/diagram/assets", format: "iife" };
const page = () => copyFileSync("src/index.html", `${out}/index.html`);

mkdirSync(out, { recursive: true });
page();
if (process.argv.includes("--watch")) {
  watch("src/index.html", page);
  await (await context(options)).watch();
  await (await context(inspect)).watch();
} else {
  await build(options);
  await build(inspect);
  const size = ["app.js", "app.css", "index.html"].reduce((n, f) => n + gzipSync(readFileSync(`${out}/${f}`)).length, 0);
  console.log(`compressed: ${(size / 1024).toFixed(0)} KB of ${(statSync(`${out}/app.js`).size / 1024).toFixed(0)} KB`);
}
