package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sowerdata/sower/run"
)

// maxConflicts is how many conflicts the report shows.
const maxConflicts = 10

// stateOf says how a run ended.
func stateOf(r *run.Report, err error, stopped bool) string {
	switch {
	case stopped:
		return "interrupted"
	case err != nil:
		return "failed"
	}
	return r.State
}

// printReport writes the final statistics, those of a failed run too.
func (a *app) printReport(name string, r *run.Report, err error, stopped bool) {
	if r.Plan != nil {
		name = r.Plan.Blueprint.Name
	}
	title := visible(name)
	if r.Run > 0 {
		title += fmt.Sprintf(", run %d", r.Run)
	}
	state := stateOf(r, err, stopped)
	colour := green
	if err != nil {
		colour = red
	}
	a.ui.print("%s: %s: %s in %s (%s, %s/s)", title, a.ui.out.paint(colour, state), count(r.Rows, "row"), span(r.Elapsed),
		rate(r.Rows, r.Elapsed), size(perSecond(r.Bytes, r.Elapsed)))
	if len(r.Tables) > 0 {
		g := grid{header: []string{"table", ">made", ">stood before", ">of", ">time", ">rows/s"}, indent: "  "}
		for _, t := range r.Tables {
			speed := "" // of nothing there is none
			if t.Made > 0 {
				speed = thousands(int64(perSecond(t.Made, t.Elapsed)))
			}
			g.add(visible(t.Name), thousands(t.Made), thousands(t.Stood), thousands(t.Total), span(t.Elapsed), speed)
		}
		a.ui.print("%s", strings.TrimRight(g.String(), "\n"))
	}
	if line := phases(r); line != "" {
		a.ui.print("  %s", line)
	}
	for _, adopted := range r.Adopted {
		a.ui.print("adopted: %s stood before; it is referred to, and stays as it is", visible(adopted))
	}
	if n := len(r.Conflicts); n > 0 {
		a.ui.print("conflicts: %s already stood in the database and got another draw", count(int64(n), "value"))
		for _, c := range r.Conflicts[:min(n, maxConflicts)] {
			a.ui.print("  %s.%s row %d: \"%s\" is now \"%s\"", visible(c.Table), visible(c.Column), c.Row, visible(c.Old), visible(c.New))
		}
		if n > maxConflicts {
			a.ui.print("  and %s more", thousands(int64(n-maxConflicts)))
		}
	}
	for _, n := range r.Notices {
		a.ui.print("notice: %s", visible(n))
	}
	if err != nil && r.Run > 0 {
		a.ui.print("What was committed stands: the same command completes the run.")
	}
}

// phases says how long each part of a run took: those that took no time to speak of are left out.
func phases(r *run.Report) string {
	var parts []string
	for _, p := range r.Phases {
		if p.Elapsed >= 10*time.Millisecond {
			parts = append(parts, p.Name+" "+span(p.Elapsed))
		}
	}
	if len(r.Rebuilt) > 0 {
		parts = append(parts, "built again after the load: indexes and keys of "+visible(strings.Join(r.Rebuilt, ", ")))
	}
	return strings.Join(parts, "; ")
}

// reportJSON is the report as JSON. Keys are only ever added.
type reportJSON struct {
	Blueprint  string         `json:"blueprint"`
	Run        int64          `json:"run"`
	State      string         `json:"state"` // complete, already complete, interrupted, failed
	Error      string         `json:"error,omitempty"`
	Seed       uint64         `json:"seed"`
	Parameters map[string]any `json:"parameters,omitempty"`
	Tables     []reportTable  `json:"tables"`
	Conflicts  []reportChange `json:"conflicts"`
	Adopted    []string       `json:"adopted"`
	Notices    []string       `json:"notices"`
	Skipped    []run.Skipped  `json:"skipped"` // tables that were left out, and why
	Rebuilt    []string       `json:"rebuilt"` // tables whose indexes and keys were built after the load
	Phases     []reportPhase  `json:"phases"`
	Rows       int64          `json:"rows"`
	Bytes      int64          `json:"bytes"`
	Seconds    float64        `json:"seconds"`
	RowsPerSec float64        `json:"rows_per_second"`
	BytesPerS  float64        `json:"bytes_per_second"`
	Version    string         `json:"version"`
}

type reportPhase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

type reportTable struct {
	Name    string  `json:"name"`
	Made    int64   `json:"made"`
	Stood   int64   `json:"stood_before"`
	Total   int64   `json:"total"`
	Seconds float64 `json:"seconds"`
}

type reportChange struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	Row    int64  `json:"row"`
	Old    string `json:"old"`
	New    string `json:"new"`
}

// writeReport writes the report as JSON; the file is there whole or not at all.
func (a *app) writeReport(path string, r *run.Report, err error, stopped bool) error {
	out := reportJSON{
		Blueprint: a.docName, Run: r.Run, State: stateOf(r, err, stopped), Tables: []reportTable{}, Conflicts: []reportChange{},
		Adopted: append([]string{}, r.Adopted...), Notices: append([]string{}, r.Notices...), Rows: r.Rows, Bytes: r.Bytes,
		Seconds: r.Elapsed.Seconds(), RowsPerSec: perSecond(r.Rows, r.Elapsed), BytesPerS: perSecond(r.Bytes, r.Elapsed), Version: version(),
	}
	out.Skipped = append([]run.Skipped{}, r.Skipped...)
	out.Rebuilt, out.Phases = append([]string{}, r.Rebuilt...), []reportPhase{}
	for _, p := range r.Phases {
		out.Phases = append(out.Phases, reportPhase{p.Name, p.Elapsed.Seconds()})
	}
	if err != nil {
		out.Error = string(a.ui.out.secrets.clean([]byte(err.Error())))
	}
	if r.Plan != nil {
		out.Blueprint, out.Seed, out.Parameters = r.Plan.Blueprint.Name, r.Plan.Seed, map[string]any{}
		for _, p := range r.Plan.Blueprint.Parameters {
			out.Parameters[p.Name] = p.Value
		}
	}
	for _, t := range r.Tables {
		out.Tables = append(out.Tables, reportTable{t.Name, t.Made, t.Stood, t.Total, t.Elapsed.Seconds()})
	}
	for _, c := range r.Conflicts {
		out.Conflicts = append(out.Conflicts, reportChange{c.Table, c.Column, c.Row, c.Old, c.New})
	}
	data, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	if err := writeWhole(path, append(data, '\n')); err != nil {
		return errors.New(fileProblem("write the report", path, err))
	}
	return nil
}

// writeWhole writes a file under another name first. What is no file, such as /dev/stderr, is written as
// it is.
func writeWhole(path string, data []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(path, data, 0o666)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// printNext says what to try after a good run. The flags that decide the rows are those of this call.
func (a *app) printNext(cmd *cobra.Command, f *generateFlags) {
	words := []string{"sower", "verify"}
	if a.doc != nil {
		words = append(words, shellQuote(a.docName))
	}
	words = append(words, "--database-url", shellQuote(redact(f.url)))
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		_, parameter := flag.Value.(*parameterFlag)
		if !flag.Changed || !parameter && flag.Name != "seed" && flag.Name != "config" && flag.Name != "env-file" && flag.Name != "append" || a.doc == nil && flag.Name == "seed" {
			return
		}
		words = append(words, "--"+flag.Name+"="+shellQuote(flag.Value.String()))
	})
	a.ui.note("to check every rule, and every cell: %s", strings.Join(words, " "))
}

// shellQuote writes a word so that a shell reads it as one.
func shellQuote(s string) string {
	plain := s != ""
	for _, r := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,", r) {
			plain = false
		}
	}
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(visible(s), "'", `'\''`) + "'"
}
