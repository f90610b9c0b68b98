// Package report writes the page that tells what a run, or a verification of it, came to: one file that needs nothing
// else. What each column was asked to be stands beside what the database holds.
package report

import (
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/internal/diagram"
	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Input is what a page is made of.
type Input struct {
	Title    string // of the blueprint
	State    string // how it ended: "complete", "already complete", "interrupted", "failed", "dry run"; "verified", "broken"
	Error    string // why it failed; "" where it did not
	Version  string // of the program
	Written  time.Time
	Plans    []*plan.Plan // of the run, and of those that grew it; none where it did not come that far
	Report   *run.Report  // of a run; nil
	Verdict  *run.Verdict // of a verification; nil
	Timeline *Timeline    // nil for none
	// Store is asked for what the database holds; nil where it cannot be. It is only read.
	Store sink.Store
}

//go:embed page.html
var pageText string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"number": thousands, "count": func(n int) string { return thousands(int64(n)) }, "percent": percent, "share": share, "seconds": seconds,
}).Parse(pageText))

// Write asks the database and writes the page.
func Write(ctx context.Context, w io.Writer, in *Input) error {
	p := &pageData{
		Title: shown.Text(in.Title), State: in.State, Error: shown.Lines(in.Error), Version: in.Version,
		Written: in.Written.UTC().Format("2006-01-02 15:04 UTC"), Bad: in.Error != "" || in.Verdict != nil && in.Verdict.Broken() > 0,
	}
	if err := p.look(ctx, in); err != nil {
		return err
	}
	p.fromReport(in.Report)
	p.fromVerdict(in.Verdict)
	for _, pl := range in.Plans {
		p.Seed = fmt.Sprint(pl.Seed)
		for _, l := range pl.Inferred.LeftOut {
			p.leftOut(l)
		}
	}
	if in.Timeline != nil && in.Report != nil {
		p.Phases, p.Lanes, p.Connections = in.Timeline.lines(in.Report)
	}
	if p.Figure != nil {
		sum := sha256.Sum256([]byte(p.Figure.Script))
		p.ScriptHash = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
	}
	return page.Execute(shown.Writer(w, shown.Lines), p)
}

type pageData struct {
	Title, State, Error, Version, Written, Seed string
	Bad                                         bool
	Database, System                            string
	Tiles                                       []tile
	Notices                                     []string
	LeftOut                                     []plan.LeftOut
	Conflicts                                   []run.Conflict
	MoreConflicts                               int
	Phases, Lanes, Connections                  []lane // of the timeline
	Tables                                      []*table
	Rules                                       []ruleList
	Figure                                      *diagram.Figure
	ScriptHash                                  string
}

type tile struct{ Value, Name string }

type ruleList struct {
	Table    string
	Findings []run.Finding
}

func (p *pageData) tile(name, value string) { p.Tiles = append(p.Tiles, tile{value, name}) }

func (p *pageData) leftOut(l plan.LeftOut) {
	if !slices.ContainsFunc(p.LeftOut, func(o plan.LeftOut) bool { return o.Table == l.Table }) {
		p.LeftOut = append(p.LeftOut, plan.LeftOut{Table: shown.Text(l.Table), Reason: shown.Text(l.Reason)})
	}
}

const mostConflicts = 50

func (p *pageData) fromReport(r *run.Report) {
	if r == nil {
		return
	}
	if r.Run > 0 {
		p.tile("run", fmt.Sprint(r.Run))
	}
	p.tile("rows made", thousands(r.Rows))
	p.tile("time", seconds(r.Elapsed.Seconds()))
	if s := r.Elapsed.Seconds(); s > 0 && r.Rows > 0 {
		p.tile("rows a second", thousands(int64(float64(r.Rows)/s)))
	}
	p.tile("cells", size(r.Bytes))
	p.summary()
	for _, n := range r.Notices {
		p.Notices = append(p.Notices, shown.Text(n))
	}
	for _, a := range r.Adopted {
		p.Notices = append(p.Notices, shown.Text(a)+" stood before; it is referred to, and stays as it is")
	}
	for _, l := range r.Skipped {
		p.leftOut(l)
	}
	for i, c := range r.Conflicts {
		if i == mostConflicts {
			p.MoreConflicts = len(r.Conflicts) - i
			break
		}
		p.Conflicts = append(p.Conflicts, run.Conflict{Table: shown.Text(c.Table), Column: shown.Text(c.Column), Row: c.Row, Old: shown.Text(c.Old), New: shown.Text(c.New)})
	}
	for _, t := range r.Tables {
		if x := p.table(t.Name); x != nil {
			x.Made, x.Stood, x.Took = t.Made, t.Stood, t.Elapsed.Seconds()
			if x.Took > 0 {
				x.Speed = int64(float64(t.Made) / x.Took)
			}
		}
	}
}

// summary counts the columns that were looked at and how they agree.
func (p *pageData) summary() {
	columns, least := 0, 2.0
	for _, t := range p.Tables {
		for _, c := range t.Columns {
			columns++
			if c.Agrees != nil {
				least = min(least, *c.Agrees)
			}
		}
	}
	p.tile("tables", thousands(int64(len(p.Tables))))
	p.tile("columns", thousands(int64(columns)))
	if least <= 1 {
		p.tile("least agreement of a column", percent(least))
	}
}

func (p *pageData) fromVerdict(v *run.Verdict) {
	if v == nil {
		return
	}
	p.tile("run", fmt.Sprint(v.Run))
	p.tile("rules", thousands(int64(len(v.Rules))))
	p.tile("broken", thousands(int64(v.Broken())))
	p.tile("cells compared", thousands(v.Cells))
	p.summary()
	for _, f := range v.Rules {
		name := shown.Text(f.Table)
		at := slices.IndexFunc(p.Rules, func(l ruleList) bool { return l.Table == name })
		if at < 0 {
			at = len(p.Rules)
			p.Rules = append(p.Rules, ruleList{Table: name})
		}
		f.Text, f.Detail = shown.Text(f.Text), shown.Text(f.Detail)
		p.Rules[at].Findings = append(p.Rules[at].Findings, f)
	}
	slices.SortStableFunc(p.Rules, func(a, b ruleList) int { return cmp.Compare(b.broken(), a.broken()) })
	for _, l := range p.Rules {
		slices.SortStableFunc(l.Findings, func(a, b run.Finding) int { return cmp.Compare(rank(a), rank(b)) })
	}
}

func rank(f run.Finding) int {
	if f.OK {
		return 1
	}
	return 0
}

func (l ruleList) broken() int {
	n := 0
	for _, f := range l.Findings {
		n += 1 - rank(f)
	}
	return n
}

// Broken says how many do not hold.
func (l ruleList) Broken() int { return l.broken() }

func (p *pageData) table(name string) *table {
	for _, t := range p.Tables {
		if t.key == name {
			return t
		}
	}
	return nil
}

// draw makes the diagram, with the rows that were counted.
func (p *pageData) draw(d *schema.Database, counted map[string]int64) error {
	for _, t := range d.Tables {
		if n, ok := counted[d.Qualified(t)]; ok {
			t.Rows, t.HasRows = n, n > 0
		}
	}
	drawn := diagram.New(d)
	p.Database, p.System = shown.Text(d.Name), drawn.System()
	if len(d.Tables) == 0 {
		return nil
	}
	for _, t := range p.Tables {
		if s := d.Table(t.qualified); s != nil {
			t.ID = drawn.ID(s)
		}
	}
	var err error
	p.Figure, err = drawn.Figure()
	return err
}

func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func percent(x float64) string {
	switch {
	case x == 0 || x >= 0.99995:
		return fmt.Sprintf("%.0f %%", 100*x)
	case x < 0.1 || x > 0.999:
		return fmt.Sprintf("%.2f %%", 100*x)
	}
	return fmt.Sprintf("%.1f %%", 100*x)
}

func share(n, of int) string {
	if of == 0 {
		return "–"
	}
	return percent(float64(n) / float64(of))
}

func seconds(s float64) string {
	switch {
	case s < 1:
		return fmt.Sprintf("%.0f ms", 1000*s)
	case s < 60:
		return fmt.Sprintf("%.1f s", s)
	}
	return strings.TrimSuffix((time.Duration(s) * time.Second).String(), "0s")
}

func size(n int64) string {
	for i, unit := range []string{"GB", "MB", "KB"} {
		if at := int64(1) << (30 - 10*i); n >= at {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(at), unit)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
