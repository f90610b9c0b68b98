package cli

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestScanArgs(t *testing.T) {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	set.String("config", "", "")
	set.BoolP("verbose", "v", false, "")
	set.StringP("out", "o", "", "")
	for args, want := range map[string]string{
		"bp table":                 "bp table",
		"--config c.yaml bp":       "bp",
		"--config=c.yaml bp":       "bp",
		"--verbose bp":             "bp",
		"-v bp -o x table":         "bp table",
		"--unknown 5 bp":           "5? bp",
		"--unknown=5 bp":           "bp",
		"--unknown bp":             "bp?",
		"--unknown --verbose bp":   "bp",
		"bp -- --config x":         "bp --config x",
		"--help bp":                "bp",
		"-h bp":                    "bp",
		"bp --config":              "bp",
		"- bp":                     "- bp",
		"--unknown 5 --other 6 bp": "5? 6? bp",
	} {
		var got []string
		for _, w := range scanArgs(strings.Fields(args), set) {
			text := w.text
			if w.doubtful {
				text += "?"
			}
			got = append(got, text)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: %q, want %q", args, g, want)
		}
	}
}

// TestFlagsOfBlueprint: a blueprint behind a flag of its own is found, whatever the flag takes.
func TestFlagsOfBlueprint(t *testing.T) {
	env := []string{"SHOP_OWNER=5eed0000-0000-4000-8000-000000000001"}
	const shop = "testdata/shop/shop.yaml"
	for _, args := range []string{
		"preview --gift " + shop + " orders --row 1",
		"preview --orders 5 " + shop + " orders --row 1",
		"preview --orders 5 --gift " + shop + " orders --row 1 --seed 3",
		"preview " + shop + " --gift orders --row 1",
		"--log-format json preview --first-day 2025-01-02 " + shop + " orders --row 1",
		"preview --owner 5eed0000-0000-4000-8000-000000000002 -- " + shop + " orders",
	} {
		if code, out, errs := call(t, env, strings.Fields(args)...); code != 0 || !strings.Contains(out, "customer_id") {
			t.Errorf("%s: exit code %d\n%s%s", args, code, out, errs)
		}
	}
}
