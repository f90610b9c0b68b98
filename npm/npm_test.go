// Package npm tries the npm packages as their users would: packed, installed from the packed files, called.
package npm

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// workshop runs commands in a folder.
type workshop struct {
	t      *testing.T
	folder string
}

func (w *workshop) run(name string, args ...string) string {
	w.t.Helper()
	cmd := exec.Command(name, args...)
	var errs bytes.Buffer
	cmd.Dir, cmd.Stderr = w.folder, &errs
	cmd.Env = append(os.Environ(), "npm_config_offline=true", "npm_config_update_notifier=false", "npm_config_cache="+filepath.Join(w.folder, "cache"))
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("%s %q: %v\n%s%s", name, args, err, out, errs.String())
	}
	return string(out)
}

func (w *workshop) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

const script = `
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { clean, fill, globalSetup, preview, run, SowerError, verify } from "@sowerdata/sower";

const shop = { databaseUrl: "sqlite:shop_test.db", blueprint: "shop.yaml" };
const rows = await preview("orders", { ...shop, first: 7, count: 2 });
assert.deepEqual(rows.map((r) => r.id), [8, 9]);

const report = await fill({ ...shop, createSchema: true });
assert.equal(report.state, "complete");
assert.equal(report.rows, 30);
assert.equal((await fill(shop)).state, "already complete");

const good = await verify(shop);
assert.ok(good.ok && good.cells > 0 && good.broken === 0);
execFileSync("sqlite3", ["shop_test.db", "update orders set quantity = 99 where id = 3"]);
const bad = await verify(shop);
assert.ok(!bad.ok && bad.broken > 0 && bad.rules.some((r) => !r.ok && r.detail));
execFileSync("sqlite3", ["shop_test.db", "delete from orders where id = 3"]);
await clean(shop);

const over = await globalSetup({ ...shop, seed: 7, clean: true })();
assert.ok((await verify({ ...shop, seed: 7 })).ok);
await over();

await assert.rejects(fill({ ...shop, databaseUrl: "sqlite:live.db" }), (e) => e instanceof SowerError && e.code === 2 && /^sower: the database .*--allow-database/s.test(e.message));
await assert.rejects(fill({ ...shop, seed: 7, signal: AbortSignal.abort() }), { name: "AbortError" });
assert.equal((await run(["nonsense"])).code, 2);
console.log("done");
`

const typed = `
import { fill, globalSetup, preview, verify, type Report } from "@sowerdata/sower";

export default globalSetup({ rows: { customers: 10, "*": 100 }, fresh: true, clean: true });
const report: Report = await fill({ databaseUrl: "sqlite:x_test.db", seed: 7n, parameters: { big: true } });
const total: number = report.tables.reduce((n, t) => n + t.made, 0);
const [first] = await preview("orders", { count: total });
const ok: boolean = (await verify()).ok;
// @ts-expect-error: there is no such option
await fill({ row: 3 });
export { first, ok };
`

// The packages, installed from their packed files without a network, give npx the program and tests the helper.
func TestPackages(t *testing.T) {
	w := &workshop{t: t, folder: t.TempDir()}
	binary := filepath.Join(w.folder, "built")
	build := &workshop{t: t, folder: ".."}
	build.run("go", "build", "-o", binary, "./cmd/sower")
	build.run("node", "npm/build.mjs", "--version", "1.2.3-test", "--out", w.folder, "--binary", binary)

	packed, err := filepath.Glob(filepath.Join(w.folder, "*.tgz"))
	if err != nil || len(packed) != 2 {
		t.Fatalf("packed are %q, %v", packed, err)
	}
	w.write("package.json", `{"name": "user", "private": true, "type": "module"}`)
	w.run("npm", append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-dev"}, packed...)...)

	if got, want := w.run("npx", "--no-install", "sower", "version"), build.run(binary, "version"); got != want {
		t.Errorf("npx runs another program:\n%s\nwant\n%s", got, want)
	}
	cmd := exec.Command(filepath.Join(w.folder, "node_modules", ".bin", "sower"), "generate")
	cmd.Dir = w.folder
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("the program's exit code 2 arrives as %v", err)
	}

	w.write("shop.yaml", `sower: 1
name: shop
tables:
  orders:
    rows: 30
    columns:
      id: sequence
      quantity: {integer: {min: 1, max: 9}}
`)
	w.write("walk.js", script)
	if got := w.run("node", "walk.js"); strings.TrimSpace(got) != "done" {
		t.Errorf("it says %q", got)
	}

	w.write("typed.ts", typed)
	tsc, err := filepath.Abs("../studio/node_modules/typescript/bin/tsc")
	if err != nil {
		t.Fatal(err)
	}
	w.run("node", tsc, "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck", "false", "typed.ts")
}

// The package that chooses names a package for each system that a release is built for.
func TestSystems(t *testing.T) {
	text, err := os.ReadFile("build.mjs")
	if err != nil {
		t.Fatal(err)
	}
	release, err := os.ReadFile("../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(release), "goos: [linux, darwin, windows]") || !strings.Contains(string(release), "goarch: [amd64, arm64]") {
		t.Error("a release is built for other systems than npm/build.mjs knows")
	}
	for _, system := range []string{"linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"} {
		if !strings.Contains(string(text), `"`+system+`"`) {
			t.Errorf("there is no package for %s", system)
		}
	}
	var p struct{ License string }
	main, err := os.ReadFile("sower/package.json")
	if err != nil || json.Unmarshal(main, &p) != nil || p.License == "" {
		t.Errorf("%+v, %v", p, err)
	}
}
