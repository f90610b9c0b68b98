package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sowerdata/sower/plan"
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

// printReport writes the final statistics, those of a failed run too. Of one that failed before it was recorded there
// is only to tell what was noticed.
func (a *app) printReport(name string, r *run.Report, err error, stopped bool) {
	if err == nil || r.Run > 0 {
		a.printNumbers(name, r, err, stopped)
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
		a.ui.print("%s %s", a.ui.out.paint(yellow, "notice:"), visible(n))
	}
	if err != nil && r.Run > 0 {
		a.ui.print("What was committed stands: the same command completes the run.")
	}
}

// printNumbers writes how many rows were made, and how long that took.
func (a *app) printNumbers(name string, r *run.Report, err error, stopped bool) {
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
	made := fmt.Sprintf("%s in %s", count(r.Rows, "row"), span(r.Elapsed))
	if r.Rows > 0 {
		speed := fmt.Sprintf("(%s, %s/s)", rate(r.Rows, r.Elapsed), size(perSecond(r.Bytes, r.Elapsed)))
		between := " "
		if utf8.RuneCountInString(title+state+made+speed) > a.ui.out.room()-5 {
			between = "\n  "
		}
		made += between + speed
	}
	a.ui.print("%s: %s: %s", title, a.ui.out.paint(colour, state), made)
	if len(r.Tables) > 0 {
		a.ui.print("%s", strings.TrimRight(tablesGrid(r, a.ui.out.room()), "\n"))
	}
	for _, line := range phases(r) {
		a.ui.print("  %s", line)
	}
}

// tablesGrid is a line for each table of a report; of a run that made all rows in one call without what there was before.
// Where the lines would be wider than the room, long names are cut,
// down to a length that still tells them apart.
func tablesGrid(r *run.Report, room int) string {
	const least = 12
	longest := 0
	for _, t := range r.Tables {
		longest = max(longest, utf8.RuneCountInString(visible(t.Name)))
	}
	simple := !slices.ContainsFunc(r.Tables, func(t run.TableReport) bool { return t.Made != t.Total })
	draw := func(length int) string {
		g := grid{header: []string{"table", ">made", ">stood before", ">of", ">time", ">rows/s"}, indent: "  "}
		if simple {
			g.header = []string{"table", ">rows", ">time", ">rows/s"}
		}
		for _, t := range r.Tables {
			speed := "" // of nothing there is none
			if t.Made > 0 {
				speed = thousands(int64(perSecond(t.Made, t.Elapsed)))
			}
			cells := []string{clip(visible(t.Name), length), thousands(t.Made)}
			if !simple {
				cells = append(cells, thousands(t.Stood), thousands(t.Total))
			}
			g.add(append(cells, span(t.Elapsed), speed)...)
		}
		return g.String()
	}
	text := draw(longest)
	if over := lineWidth(text) - room; over > 0 {
		text = draw(max(longest-over, least))
	}
	return text
}

// phases says how long each part of a run took, those that took no time to speak of left out, and what was built
// again.
func phases(r *run.Report) (lines []string) {
	var parts []string
	for _, p := range r.Phases {
		if p.Elapsed >= 10*time.Millisecond {
			parts = append(parts, p.Name+" "+span(p.Elapsed))
		}
	}
	if len(parts) > 0 {
		lines = append(lines, strings.Join(parts, "; "))
	}
	if len(r.Rebuilt) > 0 && r.Waiting.Total() == 0 {
		lines = append(lines, "built again after the load: indexes and keys of "+someTables(r.Rebuilt))
	}
	return lines
}

// someTables names tables, or counts them where they are many.
func someTables(names []string) string {
	if len(names) > 6 {
		return count(int64(len(names)), "table")
	}
	return visible(strings.Join(names, ", "))
}

// reportJSON is the report as JSON. Keys are only ever added.
type reportJSON struct {
	Blueprint  string         `json:"blueprint"`
	Run        int64          `json:"run"`
	State      string         `json:"state"` // complete, already complete, interrupted, failed, dry run
	Error      string         `json:"error,omitempty"`
	Seed       uint64         `json:"seed"`
	Parameters map[string]any `json:"parameters,omitempty"`
	Tables     []reportTable  `json:"tables"`
	Conflicts  []reportChange `json:"conflicts"`
	Adopted    []string       `json:"adopted"`
	Notices    []string       `json:"notices"`
	Skipped    []plan.LeftOut `json:"skipped"` // tables that were left out, and why
	Rebuilt    []string       `json:"rebuilt"` // tables whose indexes and keys were built after the load
	Waiting    reportWaiting  `json:"waiting"` // what the run dropped and left for sower repair
	Phases     []reportPhase  `json:"phases"`
	Rows       int64          `json:"rows"`
	Bytes      int64          `json:"bytes"`
	Seconds    float64        `json:"seconds"`
	RowsPerSec float64        `json:"rows_per_second"`
	BytesPerS  float64        `json:"bytes_per_second"`
	Version    string         `json:"version"`
}

type reportWaiting struct {
	Indexes   int `json:"indexes"`
	Keys      int `json:"keys"`
	Unchecked int `json:"unchecked_keys"`
	Uniques   int `json:"uniques"`
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

// reportJSON is the report of a run for programs.
func (a *app) reportJSON(r *run.Report, err error, stopped bool) reportJSON {
	if errors.As(err, new(*leftOutError)) {
		err = nil
	}
	out := reportJSON{
		Blueprint: a.docName, Run: r.Run, State: stateOf(r, err, stopped), Tables: []reportTable{}, Conflicts: []reportChange{},
		Adopted: append([]string{}, r.Adopted...), Notices: append([]string{}, r.Notices...), Rows: r.Rows, Bytes: r.Bytes,
		Seconds: r.Elapsed.Seconds(), RowsPerSec: perSecond(r.Rows, r.Elapsed), BytesPerS: perSecond(r.Bytes, r.Elapsed), Version: version(),
	}
	out.Skipped = append([]plan.LeftOut{}, r.LeftOut()...)
	out.Waiting = reportWaiting{r.Waiting.Indexes, r.Waiting.Keys, r.Waiting.Unchecked, r.Waiting.Uniques}
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
	return out
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
	words = append(words, a.addressWords(cmd, f.url)...)
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		_, parameter := flag.Value.(*parameterFlag)
		if !flag.Changed || !parameter && flag.Name != "seed" && flag.Name != "config" && flag.Name != "env-file" && flag.Name != "append" || a.doc == nil && flag.Name == "seed" {
			return
		}
		words = append(words, "--"+flag.Name+"="+shellQuote(flag.Value.String()))
	})
	command := strings.Join(words, " ")
	if strings.Contains(command, `"$DATABASE_URL"`) {
		command += " # DATABASE_URL: the address given here"
	}
	a.ui.hint("to check every rule, and every cell:", command)
}

// addressWords name the database of a command in another one, so that it can be pasted: not at all where DATABASE_URL
// names it anyway, and not with a password.
func (a *app) addressWords(cmd *cobra.Command, url string) []string {
	given := cmd.Flags().Lookup("database-url")
	switch {
	case !given.Changed:
		return nil
	case redact(url) == url:
		return []string{"--database-url", shellQuote(url)}
	}
	if v, _, err := a.databaseVariable(); err == nil && v == given.Value.String() {
		return nil
	}
	return []string{"--database-url", `"$DATABASE_URL"`}
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
