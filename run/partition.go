package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sqlexpr"
)

// The most partitions that are made for one table, and the most values of a list that have a partition each.
const (
	mostPartitions = 1000
	mostLists      = 50
)

// MissingPartitions gives the partitions that the rows of a plan need and the database does not have. The cells that
// say where a row falls are made for that.
func MissingPartitions(p *plan.Plan) (out []schema.NewPartition, err error) {
	if p.Database == nil {
		return nil, nil
	}
	index := p.Database.Index()
	for _, t := range p.Tables {
		if t.Standing || t.Schema == nil || !t.Schema.Partitioned || t.Rows == 0 {
			continue
		}
		d := &divider{db: p.Database, index: index, table: t, nodes: map[*schema.Table]*partitioned{}, taken: map[string]bool{}}
		for _, o := range p.Database.Tables {
			d.taken[o.Schema+"."+o.Name] = true
		}
		list, err := d.divide()
		if err != nil {
			return nil, fmt.Errorf("%s: which partitions its rows need cannot be told: %w", t.Name, err)
		}
		if len(list) > mostPartitions {
			return nil, fmt.Errorf("%s needs %d more partitions for its rows, and at most %d are made: make a DEFAULT one, or wider ones",
				t.Name, len(list), mostPartitions)
		}
		out = append(out, list...)
	}
	return out, nil
}

// divider finds where the rows of a table fall.
type divider struct {
	db    *schema.Database
	index *schema.Index
	table *plan.Table
	nodes map[*schema.Table]*partitioned
	order []*partitioned
	taken map[string]bool // names of tables
	cells []*column.Vec
	names []string
}

// partitioned is a partitioned table, the divider's or one below it, with what its partitions lack.
type partitioned struct {
	table    *schema.Table
	children []*child
	byHash   bool
	grid     *grid             // of a range by numbers, days or moments; nil else
	cells    *column.Vec       // of the key's first column
	ranges   map[[2]int64]bool // of the grid
	values   []string          // of a list
	known    map[string]bool   // of these
	null     bool              // of a list: rows with a null
	rest     bool              // rows that only a DEFAULT partition takes
}

// child is a partition.
type child struct {
	table   *schema.Table
	rest    bool // a DEFAULT one
	program *check.Evaluator
	cells   []*column.Vec
}

func (d *divider) divide() (out []schema.NewPartition, err error) {
	if err := d.read(d.table.Schema); err != nil {
		return nil, err
	}
	var cols []*plan.Column
	for _, name := range d.names {
		c := d.table.Column(name)
		if c == nil || !slices.Contains(d.table.Out, c) {
			return nil, fmt.Errorf("the database fills %s", name)
		}
		cols = append(cols, c)
		d.cells = append(d.cells, new(column.Vec))
	}
	if err := d.compile(); err != nil {
		return nil, err
	}
	if len(cols) > 0 {
		const batch = 10_000
		var m rows.Maker
		for first := int64(0); first < d.table.Rows; first += batch {
			n := min(batch, d.table.Rows-first)
			b, err := m.Batch(d.table, cols, first, int(n))
			if err != nil {
				return nil, err
			}
			for i, v := range b.Vecs {
				*d.cells[i] = *v
			}
			for i := range b.N {
				if err := d.place(d.order[0], i); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, p := range d.order {
		out = append(out, d.wanted(p)...)
	}
	return out, nil
}

// read collects a partitioned table and those below it.
func (d *divider) read(t *schema.Table) error {
	p := &partitioned{table: t, known: map[string]bool{}, ranges: map[[2]int64]bool{}}
	d.nodes[t] = p
	d.order = append(d.order, p)
	by := t.PartitionedBy
	if by == nil {
		return fmt.Errorf("the key of %s is not known", t.Name)
	}
	p.byHash = by.Strategy == "hash"
	if !p.byHash {
		d.reads(by.Columns)
		p.rest = by.Columns[0] == "" && len(d.index.Partitions(t)) == 0 // by an expression: one takes all
	}
	for _, c := range d.index.Partitions(t) {
		p.children = append(p.children, &child{table: c, rest: c.Partition.Bound == "DEFAULT"})
		if e, err := check.Parse(c.Partition.Condition, false); err == nil && !p.byHash && c.Partition.Bound != "DEFAULT" {
			d.reads(check.Columns(e))
		}
		if c.Partitioned {
			if p.byHash && !d.db.HasPlace(c) {
				return fmt.Errorf("rows fall into %s by hash, and it has no partitions", c.Name)
			}
			if !p.byHash {
				if err := d.read(c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// reads notes columns whose cells say where a row falls.
func (d *divider) reads(names []string) {
	for _, name := range names {
		if name != "" && !slices.Contains(d.names, name) { // "" is an expression
			d.names = append(d.names, name)
		}
	}
}

// compile makes the conditions of partitions such as can be asked.
func (d *divider) compile() error {
	cellsOf := func(name string) *column.Vec {
		if i := slices.Index(d.names, name); i >= 0 {
			return d.cells[i]
		}
		return nil
	}
	for _, p := range d.order {
		if p.byHash {
			continue
		}
		by := p.table.PartitionedBy
		if first := by.Columns[0]; first != "" {
			p.cells = cellsOf(first)
			if by.Strategy == "range" {
				p.grid = gridOf(p, d.table.Schema.Column(first))
			}
		}
		for _, c := range p.children {
			if c.rest {
				continue
			}
			program, err := check.Compile(d.table.Schema, c.table.Partition.Condition, "", check.OptionsOf(d.db, time.Time{}))
			if err != nil {
				return fmt.Errorf("the bounds of %s: %w", c.table.Name, err)
			}
			for _, name := range program.Columns {
				cells := cellsOf(name)
				if cells == nil {
					return fmt.Errorf("the bounds of %s read %s", c.table.Name, name)
				}
				c.cells = append(c.cells, cells)
			}
			c.program = program.Evaluator()
		}
	}
	return nil
}

// place finds the partition of a row of the batch, or notes what is missing for it.
func (d *divider) place(p *partitioned, row int) error {
	if p.byHash {
		return nil
	}
	var into *child
	for _, c := range p.children {
		if c.rest {
			if into == nil {
				into = c
			}
			continue
		}
		truth, err := c.program.Eval(c.cells, row)
		if err != nil {
			return err
		}
		if truth == check.True {
			into = c
			break
		}
	}
	switch {
	case into != nil && into.table.Partitioned:
		return d.place(d.nodes[into.table], row)
	case into != nil:
	case p.cells == nil:
		p.rest = true
	case p.table.PartitionedBy.Strategy == "list":
		p.list(row)
	case p.cells.Null(row) || p.grid == nil:
		p.rest = true
	default:
		if r, ok := p.grid.around(p.cells.Ints[row]); ok {
			p.ranges[r] = true
		} else {
			p.rest = true
		}
	}
	return nil
}

func (p *partitioned) list(row int) {
	if p.cells.Null(row) {
		p.null = true
		return
	}
	if v := p.cells.String(row); !p.known[v] {
		p.known[v] = true
		p.values = append(p.values, v)
	}
}

// wanted gives the partitions that a table needs besides those that it has.
func (d *divider) wanted(p *partitioned) (out []schema.NewPartition) {
	add := func(end, bound string) {
		out = append(out, schema.NewPartition{Schema: p.table.Schema, Table: p.table.Name, Name: d.name(p, end), Bound: bound})
	}
	if p.byHash {
		for _, r := range p.remainders() {
			add(fmt.Sprint(r[1]), fmt.Sprintf("FOR VALUES WITH (MODULUS %d, REMAINDER %d)", r[0], r[1]))
		}
		return out
	}
	if p.grid != nil {
		for _, r := range p.grid.merged(p.ranges) {
			open := strings.Repeat(", MINVALUE", len(p.table.PartitionedBy.Columns)-1)
			add(p.grid.ending(r[0]), fmt.Sprintf("FOR VALUES FROM (%s%s) TO (%s%s)", sqlText(p.grid.text(r[0])), open, sqlText(p.grid.text(r[1])), open))
		}
	}
	slices.Sort(p.values)
	each := (len(p.values) + mostLists - 1) / mostLists
	for i := 0; i < len(p.values); i += max(each, 1) {
		some := p.values[i:min(i+each, len(p.values))]
		var list []string
		for _, v := range some {
			list = append(list, sqlText(v))
		}
		add(nameOf(some[0]), "FOR VALUES IN ("+strings.Join(list, ", ")+")")
	}
	if p.null {
		add("null", "FOR VALUES IN (NULL)")
	}
	if p.rest {
		add("default", "DEFAULT")
	}
	return out
}

// remainders gives modulus and remainder of the partitions by hash that are missing.
func (p *partitioned) remainders() (out [][2]int) {
	modulus, parts := 4, [][2]int{}
	for _, c := range p.children {
		m, r, ok := sqlexpr.HashBound(c.table.Partition.Bound)
		if !ok {
			return nil
		}
		if len(parts) == 0 {
			modulus = m
		}
		modulus = max(modulus, m)
		parts = append(parts, [2]int{m, r})
	}
	for r := range modulus {
		if !slices.ContainsFunc(parts, func(x [2]int) bool { return r%x[0] == x[1] }) {
			out = append(out, [2]int{modulus, r})
		}
	}
	return out
}

// name makes the name of a new partition: as those that stand are called, as far as that shows, or else the table's with an ending.
func (d *divider) name(p *partitioned, end string) string {
	before := p.table.Name + "_"
	if p.grid != nil && p.grid.before != "" {
		before = p.grid.before
	}
	const longest = 63 // bytes of a name in PostgreSQL
	base := before + end
	for n := 2; ; n++ {
		name := base
		if len(name) > longest {
			name = name[:longest]
		}
		if !d.taken[p.table.Schema+"."+name] {
			d.taken[p.table.Schema+"."+name] = true
			return name
		}
		tail := fmt.Sprintf("_%d", n)
		base = before + end
		base = base[:min(len(base), longest-len(tail))] + tail
	}
}

// sqlText writes a text as a constant of SQL.
func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// nameOf makes a part of a name of a value.
func nameOf(s string) string {
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, s)
	return out[:min(len(out), 30)]
}

// makePartitions makes those partitions of a run that are not there yet.
func (g *generation) makePartitions(ctx context.Context) error {
	if len(g.plan.Partitions) == 0 || g.record.State == sink.Complete {
		return nil
	}
	s, ok := g.store.(sink.Partitioner)
	if !ok {
		return fmt.Errorf("this kind of database has no partitions that could be made")
	}
	g.progress.phase("prepare", "making partitions")
	if err := s.MakePartitions(ctx, g.plan.Partitions); err != nil {
		return err
	}
	g.plan.Notices = append(slices.Clip(g.plan.Notices), PartitionNotices(g.plan.Partitions, "made")...)
	return nil
}

// PartitionNotices say which partitions a plan makes, a line a table.
func PartitionNotices(list []schema.NewPartition, verb string) (out []string) {
	const most = 5
	var tables []string
	names := map[string][]string{}
	for _, p := range list {
		if names[p.Table] == nil {
			tables = append(tables, p.Table)
		}
		names[p.Table] = append(names[p.Table], p.Name+" "+p.Bound)
	}
	for _, t := range tables {
		text, more := names[t], ""
		if len(text) > most {
			text, more = text[:most], fmt.Sprintf("; and %d more", len(text)-most)
		}
		out = append(out, fmt.Sprintf("%s: partitions that its rows need are %s (%d): %s%s", t, verb, len(names[t]), strings.Join(text, "; "), more))
	}
	return out
}

// dropPartitions drops those partitions of a cleaned run that nobody uses.
func dropPartitions(ctx context.Context, s sink.Store, p *plan.Plan, o *CleanOptions) error {
	store, ok := s.(sink.Partitioner)
	if !ok || o.DryRun || len(p.Partitions) == 0 {
		return nil
	}
	dropped, err := store.DropPartitions(ctx, p.Partitions)
	if len(dropped) > 0 {
		o.log().Info("empty partitions that the run had made are dropped", "partitions", strings.Join(dropped, ", "))
	}
	return err
}
