package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

func (a *app) planCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "plan [BLUEPRINT] [FLAGS]",
		GroupID: groupLook,
		Short:   "show what would be made, in which order, and what it takes",
		Long: `plan checks a blueprint and shows its tables in the order of loading, their row counts and columns with
their generators, and estimates of memory and time. With --database-url it is held against that
database's schema: unknown columns, impossible counts and rules that cannot be kept come out here, and how
long filling it takes: rows, indexes, keys and statistics, by figures that were measured once and a short trial
of how fast the database answers now. Without a blueprint it shows what is inferred from the schema; and of each
table whether it would be loaded with its indexes and keys in place or without, and why. It writes nothing.`,
		Example: `  sower plan --database-url postgres://me@localhost/shop
  sower plan genonaut --target-rows-users 500
  sower plan genonaut --database-url sqlite:genonaut_demo.db --format json`,
		Args: between(0, "BLUEPRINT"),
	}
	var inferred inferFlags
	a.blueprintFlags(cmd, "batch_size", "max_workers")
	databaseFlag(cmd, againstHelp)
	inferred.register(cmd)
	inferred.partitionsFlag(cmd)
	var fit fitFlags
	fit.register(cmd)
	strategy := strategyFlag(cmd)
	format := wordFlag(cmd, "format", "form of the output", "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := a.settings(cmd)
		if err != nil {
			return err
		}
		if s.fit, err = fit.wanted(&inferred, run.Strategy(strategy.value)); err != nil {
			return err
		}
		var loads []*run.Loading
		var e *estimate
		p, err := a.planned(cmd, s, &inferred, func(store sink.Store, p *plan.Plan) (err error) {
			e, loads, err = estimateAgainst(cmd.Context(), store, p, s, run.Strategy(strategy.value), nil)
			return err
		})
		if err == nil && e == nil {
			e, err = estimatePlan(cmd.Context(), p, s)
		}
		if err != nil {
			return err
		}
		if format.value == "json" {
			return a.printPlanJSON(p, e, loads)
		}
		a.printPlan(p, e, loads)
		return nil
	}
	return cmd
}

// loadingOf finds how a table would be loaded; nil where nobody tells.
func loadingOf(t *plan.Table, loads []*run.Loading) *run.Loading {
	for _, l := range loads {
		if l.Table == t.Name {
			return l
		}
	}
	return nil
}

// describeLoading says how a table would be loaded.
func describeLoading(l *run.Loading) string {
	text := "load"
	if l.Format != "" {
		text += " as " + l.Format
	}
	if l.Kept != "" {
		return text + ", everything in place: " + visible(l.Kept)
	}
	var parts []string
	if l.Uniques > 0 {
		parts = append(parts, strings.Replace(count(int64(l.Uniques), "primary keys and unique"), "1 primary keys and unique", "1 primary key or unique", 1))
	}
	if l.Indexes > 0 {
		parts = append(parts, strings.Replace(count(int64(l.Indexes), "indexe"), "1 indexe", "1 index", 1))
	}
	if l.Keys > 0 {
		parts = append(parts, count(int64(l.Keys), "foreign key"))
	}
	if n := len(parts) - 1; n > 0 {
		parts = []string{strings.Join(parts[:n], ", "), parts[n]}
	}
	return text + ", then build again " + strings.Join(parts, " and ")
}

// describeWidth is how many characters of a generator's description are shown; JSON has all.
const describeWidth = 160

// build makes the plan of the n-th appended run, or the first one for 0; db may be nil.
func (s *settings) build(db *schema.Database, n int) (*plan.Plan, error) {
	return plan.Build(s.blueprint, db, plan.Options{Seed: s.seed, Append: n, Scan: rows.Scan, Prove: rows.Prove})
}

func (a *app) printPlan(p *plan.Plan, e *estimate, loads []*run.Loading) {
	title := fmt.Sprintf("%s, seed %d", p.Blueprint.Name, p.Seed)
	if about := strings.TrimSpace(p.Blueprint.Description); about != "" {
		title += ": " + about
	}
	a.ui.print("%s", title)
	a.ui.print("")
	header := []string{"table", ">rows", ">bytes a row", ">size", ">time"}
	if e.start > 0 {
		header = append(header, ">in the database", ">on disk")
	}
	g := grid{header: header}
	var rows int64
	var within time.Duration
	for i, t := range p.Tables {
		te := &e.tables[i]
		cells := []string{visible(t.Name), thousands(t.Rows), fmt.Sprintf("%.0f", te.bytesPerRow), size(te.bytes()), span(te.time(e.worker))}
		if e.start > 0 {
			cells = append(cells, span(e.inDatabase(te)), size(te.price.Bytes))
		}
		g.add(cells...)
		rows += t.Rows
		within += e.inDatabase(te)
	}
	all := []string{"all", thousands(rows), "", size(e.bytes()), span(e.time())}
	if e.start > 0 {
		all = append(all, span(within), size(e.disk()-e.holds-e.record))
	}
	g.add(all...)
	a.ui.print("%s", g.String())
	a.ui.print("Estimated from a sample of rows: the time to make them with %s, and the size of their cells.", count(int64(e.worker), "worker"))
	if e.start > 0 {
		load := e.load()
		a.ui.print("To fill the database takes about %s (%s to %s): rows, indexes, keys and statistics, as fast as it answers now.",
			span(load), span(scaled(load, leastOfLoad)), span(scaled(load, mostOfLoad)))
		a.ui.print("It is then about %s on disk with its indexes, %s now; the log comes on top. Memory for rows: about %s.",
			size(e.disk()), size(e.holds), size(e.memory))
	} else {
		a.ui.print("The database's own time and size (indexes, log) come on top. Memory for rows: about %s.", size(e.memory))
	}
	for _, t := range p.Tables {
		a.ui.print("")
		a.printTable(t, loadingOf(t, loads))
	}
	if len(p.Meanings) > 0 {
		a.ui.print("")
		a.ui.print("What columns mean together (--meaning off leaves it out):")
		for _, m := range p.Meanings {
			a.ui.print("  %s", visible(m))
		}
	}
	if len(p.Notices) > 0 {
		a.ui.print("")
		a.ui.print("Notices:")
		for _, n := range p.Notices {
			a.ui.print("  %s", visible(n))
		}
	}
}

func (a *app) printTable(t *plan.Table, load *run.Loading) {
	head := fmt.Sprintf("%s, %s", visible(t.Name), count(t.Rows, "row"))
	var more []string
	for _, parent := range t.Parents {
		more = append(more, visible(parent.Name))
	}
	if len(more) > 0 {
		head += ", after " + strings.Join(more, ", ")
	}
	if t.Sequential {
		head += ", one batch after another"
	}
	a.ui.print("%s", head)
	if load != nil && t.Rows > 0 {
		a.ui.print("  %s", describeLoading(load))
	}
	if len(t.Parts) > 1 {
		for _, p := range t.Parts {
			text := count(p.Rows, "row")
			switch {
			case p.Among != nil:
				text += fmt.Sprintf(", %d to %d for each of %s", p.Among.Least, p.Among.Most, visible(p.Each.Name))
			case p.Each != nil:
				text += ", one for each of " + visible(p.Each.Name)
			}
			a.ui.print("  part %s: %s", visible(p.Name), text)
		}
	}
	g := grid{header: []string{"", "", ""}, indent: "  "}
	for _, c := range shownColumns(t, true) {
		name := visible(c.Name)
		if !isWritten(t, c) {
			name = "(" + name + ")"
		}
		for i, d := range describeColumn(c) {
			if i > 0 {
				g.add("", "", d)
				continue
			}
			g.add(name, kindText(c), d)
		}
	}
	a.ui.print("%s", strings.TrimRight(g.String(), "\n"))
}

// kindText is the column's type: the database's where it is known.
func kindText(c *plan.Column) string {
	if t := c.Table.Schema; t != nil {
		if sc := t.Column(c.Name); sc != nil {
			return visible(sc.Type.Text())
		}
	}
	return c.Kind.String()
}

// describeColumn gives a line for the column, or one for each part of the table where they differ.
func describeColumn(c *plan.Column) []string {
	var notes []string
	if c.Unique {
		notes = append(notes, "unique")
	}
	if c.Spec != nil && c.Spec.Virtual {
		notes = append(notes, "virtual")
	}
	if c.Why != "" {
		notes = append(notes, "inferred from "+visible(c.Why))
	}
	note := ""
	if len(notes) > 0 {
		note = " [" + strings.Join(notes, ", ") + "]"
	}
	if n := c.Shared(); n != nil {
		return []string{clip(visible(n.Fill.String()), describeWidth) + note}
	}
	var out []string
	for i, p := range c.Table.Parts {
		out = append(out, fmt.Sprintf("%s: %s", visible(p.Name), clip(visible(c.Nodes[i].Fill.String()), describeWidth)))
	}
	out[0] += note
	return out
}

// shownColumns are the written columns, and, where asked for, those that only other columns read.
func shownColumns(t *plan.Table, virtual bool) []*plan.Column {
	if !virtual {
		return t.Out
	}
	var out []*plan.Column
	for _, c := range t.Columns {
		if (c.Target == nil || c.Spec != nil || isWritten(t, c)) && !c.Hidden() {
			out = append(out, c)
		}
	}
	return out
}

func isWritten(t *plan.Table, c *plan.Column) bool {
	for _, o := range t.Out {
		if o == c {
			return true
		}
	}
	return false
}

// planJSON is the plan as JSON. Keys are only ever added.
type planJSON struct {
	Blueprint   string          `json:"blueprint"`
	Description string          `json:"description"`
	Seed        uint64          `json:"seed"`
	Identity    string          `json:"identity"`
	Parameters  map[string]any  `json:"parameters"`
	Tables      []planTableJSON `json:"tables"`
	Meanings    []string        `json:"meanings,omitempty"`
	Notices     []string        `json:"notices"`
	Estimate    estimateJSON    `json:"estimate"`
}

type planTableJSON struct {
	Name       string           `json:"name"`
	Rows       int64            `json:"rows"`
	After      []string         `json:"after"`
	Sequential bool             `json:"sequential"`
	Parts      []planPartJSON   `json:"parts"`
	Columns    []planColumnJSON `json:"columns"`
	Estimate   estimateJSON     `json:"estimate"`
	Load       *planLoadJSON    `json:"load,omitempty"`
}

// planLoadJSON is how a table would be loaded into the database.
type planLoadJSON struct {
	Strategy string `json:"strategy"`          // in-place or rebuild
	Because  string `json:"because,omitempty"` // why in-place
	Indexes  int    `json:"indexes"`           // that would be built again after it
	Keys     int    `json:"keys"`
	Uniques  int    `json:"uniques"`          // primary keys and uniques
	Format   string `json:"format,omitempty"` // of COPY: text or binary
}

type planPartJSON struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
	Each string `json:"each,omitempty"`
	Min  *int64 `json:"min,omitempty"` // rows for each row of it, where there is not one
	Max  *int64 `json:"max,omitempty"`
}

type planColumnJSON struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	Generators []string `json:"generators"` // one, or one for each part
	Written    bool     `json:"written"`
	Unique     bool     `json:"unique"`
	Inferred   string   `json:"inferred,omitempty"`
}

func (a *app) printPlanJSON(p *plan.Plan, e *estimate, loads []*run.Loading) error {
	out := planJSON{
		Blueprint: p.Blueprint.Name, Description: p.Blueprint.Description, Seed: p.Seed, Identity: p.Identity(),
		Parameters: map[string]any{}, Meanings: p.Meanings, Notices: append([]string{}, p.Notices...),
		Estimate: estimateJSON{Bytes: int64(e.bytes()), Seconds: e.time().Seconds(), Workers: e.worker, MemoryBytes: int64(e.memory)},
	}
	if e.start > 0 {
		j, load := &out.Estimate, e.load().Seconds()
		j.LoadSeconds, j.LoadFrom, j.LoadTo = load, load*leastOfLoad, load*mostOfLoad
		j.DiskBytes = int64(e.disk())
	}
	for _, param := range p.Blueprint.Parameters {
		out.Parameters[param.Name] = param.Value
	}
	for i, t := range p.Tables {
		te := &e.tables[i]
		tj := planTableJSON{
			Name: t.Name, Rows: t.Rows, Sequential: t.Sequential, After: []string{},
			Estimate: estimateJSON{BytesPerRow: te.bytesPerRow, Bytes: int64(te.bytes()), Seconds: te.time(e.worker).Seconds(),
				DatabaseSeconds: e.inDatabase(te).Seconds(), DiskBytes: int64(te.price.Bytes)},
		}
		for _, parent := range t.Parents {
			tj.After = append(tj.After, parent.Name)
		}
		for _, part := range t.Parts {
			pj := planPartJSON{Name: part.Name, Rows: part.Rows}
			if part.Each != nil {
				pj.Each = part.Each.Name
			}
			if part.Among != nil {
				pj.Min, pj.Max = &part.Among.Least, &part.Among.Most
			}
			tj.Parts = append(tj.Parts, pj)
		}
		for _, c := range shownColumns(t, true) {
			cj := planColumnJSON{Name: c.Name, Type: kindText(c), Written: isWritten(t, c), Unique: c.Unique, Inferred: c.Why}
			if n := c.Shared(); n != nil {
				cj.Generators = []string{n.Fill.String()}
			} else {
				for _, n := range c.Nodes {
					cj.Generators = append(cj.Generators, n.Fill.String())
				}
			}
			tj.Columns = append(tj.Columns, cj)
		}
		if l := loadingOf(t, loads); l != nil {
			tj.Load = &planLoadJSON{string(run.Rebuild), l.Kept, l.Indexes, l.Keys, l.Uniques, l.Format}
			if l.Kept != "" {
				tj.Load.Strategy = string(run.InPlace)
			}
		}
		out.Tables = append(out.Tables, tj)
	}
	return a.printJSON(out)
}

// printJSON writes a result as JSON, indented.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(shown.Writer(a.ui.out, shown.JSON))
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
