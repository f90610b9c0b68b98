package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Report is everything that was measured, as the file has it. Keys are only ever added.
type Report struct {
	Date     time.Time         `json:"date"`
	Machine  Machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Runs     int               `json:"runs"` // pairs of runs
	Cases    []*Result         `json:"cases"`
}

// Result is what one case measured.
type Result struct {
	Case       string   `json:"case"`
	What       string   `json:"what"`
	LoadBefore float64  `json:"load_before"` // the machine's load average when the case began
	Seconds    float64  `json:"seconds"`     // that the case took
	Rows       []*Row   `json:"rows"`
	Notes      []string `json:"notes,omitempty"`
}

// Row is one thing that was measured. The rows of a case have the same figures, as far as they apply.
type Row struct {
	Name    string    `json:"name"`
	Figures []*Figure `json:"figures"`
}

// Figure is one number. Its name says the unit.
type Figure struct {
	Name    string    `json:"name"`
	Value   float64   `json:"value"`
	Samples []float64 `json:"samples,omitempty"` // of which Value is the median, in the order of the runs
	Goal    *Goal     `json:"goal,omitempty"`
}

// Goal is a bound that a figure ought to keep.
type Goal struct {
	AtMost  *float64 `json:"at_most,omitempty"`
	AtLeast *float64 `json:"at_least,omitempty"`
	Met     bool     `json:"met"`
}

func (r *Result) row(name string) *Row {
	row := &Row{Name: name}
	r.Rows = append(r.Rows, row)
	return row
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// add adds a figure: a number, or samples of which it is the median.
func (r *Row) add(name string, samples ...float64) *Figure {
	f := &Figure{Name: name, Value: median(samples)}
	if len(samples) > 1 {
		f.Samples = slices.Clone(samples)
	}
	r.Figures = append(r.Figures, f)
	return f
}

func (f *Figure) atMost(x float64)  { f.Goal = &Goal{AtMost: &x, Met: f.Value <= x} }
func (f *Figure) atLeast(x float64) { f.Goal = &Goal{AtLeast: &x, Met: f.Value >= x} }

func (g *Goal) String() string {
	text := ""
	if g.AtMost != nil {
		text = "at most " + number(*g.AtMost)
	} else {
		text = "at least " + number(*g.AtLeast)
	}
	if g.Met {
		return text + ": met"
	}
	return text + ": MISSED"
}

// write writes the report whole.
func (r *Report) write(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	temp := path + ".tmp"
	if err := os.WriteFile(temp, append(data, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// versions lists what took part, as far as it did.
func (r *Report) versions() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		all = append(all, r.Versions[name])
	}
	return strings.Join(all, "; ")
}

// text shows a result on a terminal: a line a row, or a line a figure where there is but one row.
func (r *Result) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%.0f s, load average %.1f before)\n", r.Case, r.What, r.Seconds, r.LoadBefore)
	if len(r.Rows) == 1 {
		var lines [][]string
		for _, f := range r.Rows[0].Figures {
			lines = append(lines, []string{f.Name, number(f.Value), f.spread(), f.aim()})
		}
		b.WriteString(grid(lines, 1))
	} else {
		b.WriteString(r.table())
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "  note: %s\n", n)
	}
	return b.String()
}

func (r *Result) table() string {
	head := []string{""}
	var goals []string
	for _, row := range r.Rows {
		for _, f := range row.Figures {
			if !slices.Contains(head, f.Name) {
				head = append(head, f.Name)
			}
			if f.Goal != nil {
				goals = append(goals, fmt.Sprintf("  %s: %s %s\n", row.Name, f.Name, f.Goal))
			}
		}
	}
	lines := [][]string{head}
	for _, row := range r.Rows {
		line := make([]string, len(head))
		line[0] = row.Name
		for _, f := range row.Figures {
			line[slices.Index(head, f.Name)] = strings.TrimSpace(number(f.Value) + " " + f.spread())
		}
		lines = append(lines, line)
	}
	return grid(lines, len(head)) + strings.Join(goals, "")
}

// spread shows the least and the greatest sample.
func (f *Figure) spread() string {
	if len(f.Samples) == 0 {
		return ""
	}
	return fmt.Sprintf("(%s-%s)", number(slices.Min(f.Samples)), number(slices.Max(f.Samples)))
}

func (f *Figure) aim() string {
	if f.Goal == nil {
		return ""
	}
	return f.Goal.String()
}

// grid lays lines out in columns: the first one, and those from the number left on, flush left.
func grid(lines [][]string, right int) string {
	var width []int
	for _, line := range lines {
		for i, cell := range line {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		text := ""
		for i, cell := range line {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i > 0 && i <= right {
				text += "  " + pad + cell
			} else {
				text += "  " + cell + pad
			}
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}

// number shows a number with three digits that count, more before the point.
func number(x float64) string {
	abs := math.Abs(x)
	switch {
	case x == 0:
		return "0"
	case abs < 0.0005:
		return strconv.FormatFloat(x, 'g', 1, 64)
	case abs < 1:
		return strconv.FormatFloat(x, 'f', 3, 64)
	case abs < 10:
		return strconv.FormatFloat(x, 'f', 2, 64)
	case abs < 100:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	s := strconv.FormatFloat(x, 'f', 0, 64)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// median gives the middle of samples; of an even number, the mean of the two in the middle.
func median(samples []float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	n := len(s)
	if n == 0 {
		return 0
	}
	return (s[(n-1)/2] + s[n/2]) / 2
}
