package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sowerdata/sower/blueprint"
)

// TestPrecedence sets each parameter in every set of places, and looks which of them wins.
func TestPrecedence(t *testing.T) {
	params := map[string]*blueprint.Parameter{
		"own env":    {Name: "admin_id", Type: "string", Env: "ADMIN", Config: "section.admin_id"},
		"no env":     {Name: "admin_id", Type: "string", Config: "section.admin_id"},
		"top config": {Name: "admin_id", Type: "string", Env: "ADMIN"},
	}
	// From the one that wins to the one that loses; "own" places exist only with an Env.
	places := []string{"flag", "environment SOWER_ADMIN_ID", "environment ADMIN", "SOWER_ADMIN_ID in f.env:1", "ADMIN in f.env:2", "config file c.yaml:9"}
	for name, p := range params {
		for set := range 1 << len(places) {
			file := &envFile{name: "f.env", vars: map[string]envVar{}}
			src := &sources{envFile: envFiles{file}, config: &configFile{values: map[string]blueprint.Given{}}}
			flag, env := "", map[string]string{}
			want := ""
			for i, place := range places {
				if set&(1<<i) == 0 {
					continue
				}
				switch i {
				case 0:
					flag = place
				case 1:
					env["SOWER_ADMIN_ID"] = place
				case 2:
					env["ADMIN"] = place
				case 3:
					file.vars["SOWER_ADMIN_ID"] = envVar{place, 1}
				case 4:
					file.vars["ADMIN"] = envVar{place, 2}
				case 5:
					src.config.values[configPath(p)] = blueprint.Given{Value: place, Source: place}
				}
				if want == "" && (p.Env != "" || i != 2 && i != 4) {
					want = place
				}
			}
			src.flags = func(string) (string, bool) { return flag, flag != "" }
			src.env = func(name string) string { return env[name] }
			got, ok := src.lookup(p)
			if !ok {
				got.Value = ""
			}
			if got.Value != want {
				t.Errorf("%s, set %06b: %v, want %q", name, set, got.Value, want)
			}
			source := want
			if want == "flag" {
				source = "flag --admin-id"
			}
			if got.Source != source {
				t.Errorf("%s, set %06b: source %q, want %q", name, set, got.Source, source)
			}
		}
	}
}

// TestOwnSettings sets what is sower's own in each place.
func TestOwnSettings(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "c.yaml")
	write(t, config, "seed_data_generator: {seed: 5, batch_size: 50, max_workers: 5}\n")
	shop, err := filepath.Abs("testdata/shop/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	base := []string{"SHOP_OWNER=5eed0000-0000-4000-8000-000000000001"}
	for _, test := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"default", nil, nil, "seed 1:"},
		{"config", nil, []string{"--config", config}, "seed 5:"},
		{"environment", []string{"SOWER_SEED=6"}, []string{"--config", config}, "seed 6:"},
		{"flag", []string{"SOWER_SEED=6"}, []string{"--config", config, "--seed", "7"}, "seed 7:"},
		{"workers by default", nil, []string{"--max-workers", "3"}, "with 3 workers"},
		{"workers in config", nil, []string{"--config", config}, "with 5 workers"},
		{"workers in environment", []string{"SOWER_MAX_WORKERS=6"}, []string{"--config", config}, "with 6 workers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, out, errs := call(t, append(test.env, base...), append([]string{"plan", shop}, test.args...)...)
			if code != 0 || !strings.Contains(out, test.want) {
				t.Errorf("exit code %d, %q is missing:\n%s%s", code, test.want, out, errs)
			}
		})
	}
}

func TestParseEnv(t *testing.T) {
	got, err := parseEnv("\ufeff# comment\n\nA=1\r\nexport B = two words # why\nC='# as it is \\n'\nD=\"a\\n\\\"b\\\" \\$x\" # c\nE=\nF=a#b\nG=\"one\ntwo\"\nA=3\nH=#\n")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]envVar{
		"A": {"3", 11}, "B": {"two words", 4}, "C": {"# as it is \\n", 5}, "D": {"a\n\"b\" $x", 6}, "E": {"", 7},
		"F": {"a#b", 8}, "G": {"one\ntwo", 9}, "H": {"", 12},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(envVar{})); d != "" {
		t.Error(d)
	}
	for text, want := range map[string]string{
		"A=1\nsecret":    "2: want NAME=value",
		"1A=secret":      "1: want NAME=value",
		"\nA='secret\n":  "2: the quote is not closed",
		"A=\"secret\" x": "1: something stands behind the closing quote",
	} {
		_, err := parseEnv(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error quotes the value", text)
		}
	}
}

func TestConfigBomb(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	text := "a0: &a0 {x: 1, y: 2}\n"
	for i := 1; i < 40; i++ {
		n, m := string(rune('a'+i%26))+string(rune('a'+i/26)), "a0"
		if i > 1 {
			m = string(rune('a'+(i-1)%26)) + string(rune('a'+(i-1)/26))
		}
		text += n + ": &" + n + " {x: *" + m + ", y: *" + m + "}\n"
	}
	write(t, file, text)
	if _, err := readConfig(file, ownSettings); err == nil {
		t.Error("no error")
	}
}

// FuzzConfig: no text makes the reader fail in another way than with an error.
func FuzzConfig(f *testing.F) {
	f.Add("seed_data_generator:\n  seed: 1\n", false)
	f.Add(`{"seed_data_generator": {"seed": 1, "x": [1, {"a": null}]}}`, true)
	f.Add("a: &a [*a]\n<<: {seed: 1}\n? {a: b}\n: c", false)
	f.Fuzz(func(t *testing.T, text string, isJSON bool) {
		name := "c.yaml"
		if isJSON {
			name = "c.json"
		}
		root, problem := parseConfig(name, []byte(text))
		if problem != nil {
			return
		}
		r := configReader{file: name, out: &configFile{values: map[string]blueprint.Given{}}, known: map[string]bool{}}
		for _, p := range ownSettings {
			r.known[configPath(p)] = true
		}
		r.mapping(root, "")
	})
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
