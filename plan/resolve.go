package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// Resolved is a plan with everything settled that rows depend on: what the record of a run stores, and
// what a resume and a verification go by.
type Resolved struct {
	Output     int             `json:"output"` // OutputVersion
	Blueprint  string          `json:"blueprint"`
	Digest     string          `json:"digest"` // of the blueprint's files
	Parameters map[string]any  `json:"parameters"`
	Seed       uint64          `json:"seed"`
	Append     int             `json:"append,omitempty"`
	Tables     []ResolvedTable `json:"tables"`
	Inferred   *Inferred       `json:"inferred,omitempty"` // the blueprint, where it was inferred
	// Source is the blueprint where it was given: whatever becomes of its file, the run can be undone.
	Source *blueprint.Source `json:"source,omitempty"`
	Growth *Growth           `json:"growth,omitempty"`
	// Fit is of a given blueprint with numbers of rows that are not its own.
	Fit *blueprint.Fit `json:"fit,omitempty"`
	// Partitions are those that the run made.
	Partitions []schema.NewPartition `json:"partitions,omitempty"`
	// Origins are what made the columns, each different one once (Origin.String).
	Origins []string `json:"origins,omitempty"`

	Run   int64         `json:"-"` // the number of the run that it was recorded for
	Shape *schema.Shape `json:"-"` // of the schema that it was made for; nil where the record has none
}

// Growth is of a run that adds to others what a larger one of the same blueprint has more.
type Growth struct {
	Target string           `json:"target"` // identity of the larger one
	Counts blueprint.Counts `json:"counts"` // numbers of rows in place of the blueprint's
}

// ResolvedTable is one table of a Resolved.
type ResolvedTable struct {
	Name      string            `json:"name"`
	Rows      int64             `json:"rows"`
	Columns   []string          `json:"columns"`             // those written
	First     map[string]int64  `json:"first,omitempty"`     // key column -> first reserved key
	Adopted   []Adopted         `json:"adopted,omitempty"`   // rows that stood before
	Redrawn   []Redrawn         `json:"redrawn,omitempty"`   // cells drawn again because their value stood
	Standing  *ResolvedStanding `json:"standing,omitempty"`  // of a standing table
	Triggered bool              `json:"triggered,omitempty"` // triggers made its rows
	Checks    map[string]string `json:"checks,omitempty"`    // expressions of the checks that are held by drawing again
	Filled    []Filled          `json:"filled,omitempty"`    // columns that came after rows
	Origins   []int             `json:"origins,omitempty"`   // of Columns, one for one: places in Resolved.Origins
	Hidden    map[string]int    `json:"hidden,omitempty"`    // the same of columns that are not written
}

// Filled are columns that a table got after rows of it were made: their cells of these rows are filled in place, as a
// part of the run.
type Filled struct {
	Part    int        `json:"part"` // from 1; of the whole run
	Columns []string   `json:"columns"`
	Rows    [][2]int64 `json:"rows"` // ranges: first row, number
}

// Adopted is a row that stood before the run and takes a fixed row's place.
type Adopted struct {
	Row   int64              `json:"row"`
	Cells map[string]*string `json:"cells"` // canonical text; nil is null
}

// Redrawn is a cell that was drawn again.
type Redrawn struct {
	Column  string `json:"column"`
	Row     int64  `json:"row"`
	Attempt uint32 `json:"attempt"`
}

// Identity names the rows that a plan asks for: a hash of the blueprint, its parameters, the seed and
// the output version. What only the database settles is not part of it.
func (p *Plan) Identity() string {
	r := p.resolved()
	r.Inferred, r.Source = nil, nil // the digest speaks for the text
	b, err := json.Marshal(r)       // maps are written with sorted keys
	if err != nil {
		panic(err) // parameters are scalars
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// resolved gives what is settled but for the tables.
func (p *Plan) resolved() *Resolved {
	r := &Resolved{Output: OutputVersion, Blueprint: p.Blueprint.Name, Digest: p.Blueprint.Digest, Parameters: map[string]any{}, Seed: p.Seed, Append: p.Append, Growth: p.Growth, Fit: p.Blueprint.Fit}
	for _, param := range p.Blueprint.Parameters {
		r.Parameters[param.Name] = param.Value
	}
	if p.Inferred.Text != "" {
		r.Inferred = &p.Inferred
	} else {
		r.Source = p.Blueprint.Source
	}
	return r
}

// Resolved gives what is settled.
func (p *Plan) Resolved() *Resolved {
	r := p.resolved()
	r.Partitions = p.Partitions
	for _, t := range p.Tables {
		rt := ResolvedTable{Name: t.Name, Rows: t.Rows, Columns: Names(t.Out), First: map[string]int64{}, Triggered: t.Triggered}
		if t.Standing {
			rt.Standing = resolvedStanding(t.standing, int(t.Rows))
		}
		for _, c := range t.Reservable() {
			rt.First[c.Name] = c.First()
		}
		for _, row := range slices.Sorted(maps.Keys(t.Adopted)) {
			a := Adopted{Row: row, Cells: map[string]*string{}}
			for _, c := range t.Out {
				if cell := c.FixedCell(row); cell != nil {
					a.Cells[c.Name] = cellText(cell)
				}
			}
			rt.Adopted = append(rt.Adopted, a)
		}
		for _, c := range t.Columns {
			for _, row := range slices.Sorted(maps.Keys(c.redraw)) {
				rt.Redrawn = append(rt.Redrawn, Redrawn{c.Name, row, c.redraw[row]})
			}
		}
		rt.Checks, rt.Filled = t.guardedChecks(), t.Filled
		r.Tables = append(r.Tables, rt)
	}
	r.originsOf(p)
	return r
}

func cellText(v *column.Vec) *string {
	if v.Null(0) {
		return nil
	}
	s := v.String(0)
	return &s
}

// Extension is what a plan has that the run lacks: the run can be completed by it.
type Extension struct {
	Tables  []*Table
	Columns []*Column
	Checks  []*Table // whose checks that are held by drawing again are others: their cells may be
}

// Empty tells whether the plan is the run's.
func (e *Extension) Empty() bool { return len(e.Tables)+len(e.Columns)+len(e.Checks) == 0 }

// Apply settles the plan as a record says. The error says what no longer fits. Where more rows stand in a
// standing table than the run knew, behind those, the plan is made anew without them: Tables and Columns
// that were found before are then no longer those of the plan.
func (p *Plan) Apply(r *Resolved) error {
	e, err := p.Extend(r)
	switch {
	case err != nil:
		return err
	case len(e.Tables) > 0:
		return fmt.Errorf("the plan fills %s, which the run did not", e.Tables[0].Name)
	case len(e.Columns) > 0:
		return fmt.Errorf("the plan fills %s.%s, which the run did not", e.Columns[0].Table.Name, e.Columns[0].Name)
	case len(e.Checks) > 0:
		return fmt.Errorf("the checks of %s that are held by drawing again have changed since the run", e.Checks[0].Name)
	}
	return nil
}

// Extend settles a plan as a record says, like Apply, and gives what it has beyond the run.
func (p *Plan) Extend(r *Resolved) (*Extension, error) {
	e := new(Extension)
	for _, made := range r.Partitions {
		if !slices.Contains(p.Partitions, made) {
			p.Partitions = append(p.Partitions, made)
		}
	}
	if err := p.extend(r, e); err != nil {
		return nil, err
	}
	for _, t := range p.Tables {
		if !slices.ContainsFunc(r.Tables, func(rt ResolvedTable) bool { return rt.Name == t.Name }) && !t.Standing {
			e.Tables = append(e.Tables, t)
		}
	}
	return e, nil
}

func (p *Plan) extend(r *Resolved, e *Extension) error {
	if r.Output != OutputVersion {
		return fmt.Errorf("the run was made by a version of sower whose rows differ (output version %d, this is %d)", r.Output, OutputVersion)
	}
	if err := p.applyStanding(r); err != nil {
		return err
	}
	if err := p.applyOrigins(r); err != nil {
		return err
	}
	for _, rt := range r.Tables {
		t := p.Table(rt.Name)
		if t == nil {
			return fmt.Errorf("the run filled table %s, which the plan no longer has", rt.Name)
		}
		if t.Rows != rt.Rows {
			return fmt.Errorf("the run gave %s %d rows, the plan %d", t.Name, rt.Rows, t.Rows)
		}
		names := Names(t.Out)
		for _, name := range rt.Columns {
			if !slices.Contains(names, name) {
				return fmt.Errorf("the columns of %s have changed since the run: it filled %s, and the plan does not", t.Name, name)
			}
		}
		for _, c := range t.Out {
			if !slices.Contains(rt.Columns, c.Name) {
				e.Columns = append(e.Columns, c)
			}
		}
		if now := t.guardedChecks(); !maps.Equal(now, rt.Checks) {
			e.Checks = append(e.Checks, t)
		}
		t.Filled = slices.Clone(rt.Filled)
		for name, first := range rt.First {
			if c := t.Column(name); c != nil {
				c.SetFirst(first)
			}
		}
		for _, a := range rt.Adopted {
			if err := t.Adopt(a.Row, a.Cells); err != nil {
				return err
			}
		}
		for _, d := range rt.Redrawn {
			at := slices.IndexFunc(t.Columns, func(c *Column) bool { return c.Name == d.Column })
			if at < 0 {
				return fmt.Errorf("the run drew cells of %s.%s again, which the plan no longer has", t.Name, d.Column)
			}
			t.Columns[at].SetAttempt(d.Row, d.Attempt)
		}
	}
	return nil
}

func (p *Plan) applyStanding(r *Resolved) error {
	standing := map[string]*column.Batch{}
	changed := false
	for _, rt := range r.Tables {
		t := p.Table(rt.Name)
		if t == nil || rt.Standing == nil && !t.Standing {
			continue
		}
		if rt.Standing == nil || !t.Standing {
			return fmt.Errorf("%s was filled by one of the run and the plan, and was standing for the other", t.Name)
		}
		cut, err := t.cutStanding(rt.Standing)
		if err != nil {
			return err
		}
		standing[t.Name] = cut
		changed = changed || cut != t.standing
	}
	if !changed {
		return nil
	}
	o := p.options
	o.Standing = standing
	if err := p.rebuild(o); err != nil {
		return fmt.Errorf("with the rows alone that stood when the run began: %w", err)
	}
	return nil
}

// rebuild makes the plan's tables anew, with other options.
func (p *Plan) rebuild(o Options) error {
	made, err := Build(p.Blueprint, p.Database, o)
	if err == nil {
		p.Tables, p.Notices, p.options = made.Tables, made.Notices, o
	}
	return err
}

// Reservable gives the written columns of consecutive integers that the database hands out, or that take part
// in the table's primary key.
func (t *Table) Reservable() []*Column {
	var out []*Column
	for _, c := range t.Out {
		if _, ok := c.counts(); !ok {
			continue
		}
		if c == t.Key || t.singleUnique(c.Name) != nil || t.Schema != nil && (t.Schema.Column(c.Name).Sequence != "" ||
			t.Schema.PrimaryKey != nil && slices.Contains(t.Schema.PrimaryKey.Columns, c.Name) ||
			slices.ContainsFunc(t.Schema.KeysBelow, func(u *schema.Unique) bool { return slices.Contains(u.Columns, c.Name) })) {
			out = append(out, c)
		}
	}
	return out
}

// Consecutive tells whether the column's cells count up by one with the rows, all of them, and from where.
func (c *Column) Consecutive() (first int64, ok bool) {
	if first, ok = c.counts(); !ok {
		return 0, false
	}
	for row, cell := range c.fixed {
		if cell.Null(0) || cell.Ints[0] != first+row {
			return 0, false
		}
	}
	return first, true
}

// counts tells whether the column's generator counts up by one with the rows, and from where.
func (c *Column) counts() (first int64, ok bool) {
	n := c.Shared()
	if n == nil || n.Local {
		return 0, false
	}
	seq, ok := n.Fill.(gen.Offsetable)
	if !ok {
		return 0, false
	}
	return seq.First()
}

// First gives the first value of a Reservable column.
func (c *Column) First() int64 {
	first, _ := c.counts()
	return first
}

// SetFirst moves a Reservable column to another first value.
func (c *Column) SetFirst(first int64) {
	n := c.Shared()
	if seq, ok := n.Fill.(gen.Offsetable); ok {
		n.Fill = seq.From(first)
		c.Table.revision.Add(1)
	}
}

// Adopt gives a row the cells of a standing row of the database, by their canonical text (nil: null).
// The row is then referred to, and never written.
func (t *Table) Adopt(row int64, cells map[string]*string) error {
	for name, text := range cells {
		c := t.Column(name)
		if c == nil {
			continue
		}
		v := c.emptyVec()
		if text == nil {
			v.AppendNull()
		} else if err := gen.ParseCell(v, *text); err != nil {
			return fmt.Errorf("%s.%s of the adopted row: %w", t.Name, name, err)
		}
		c.setFixed(row, v)
	}
	t.Adopted[row] = true
	t.revision.Add(1)
	t.remade.Add(1)
	return nil
}

// SetAttempt says which draw a row's cell comes from. Columns that are drawn together are drawn again
// together.
func (c *Column) SetAttempt(row int64, attempt uint32) {
	drawn := c.drawn()
	if len(drawn.Nodes) > 0 {
		if of := drawn.Nodes[c.Table.PartOf(row)].joint; of != nil {
			for _, m := range of.members {
				m.setAttempt(row, attempt)
			}
			return
		}
	}
	drawn.setAttempt(row, attempt)
}

func (c *Column) setAttempt(row int64, attempt uint32) {
	if c.redraw == nil {
		c.redraw = map[int64]uint32{}
	}
	c.redraw[row] = attempt
	c.Table.revision.Add(1)
	c.Table.remade.Add(1)
}

// TooLate names a column that cannot follow the adopted row: its cells may not precede one of the
// row's, which lies after the end of the column's range.
func (t *Table) TooLate(p *Plan, row int64) error {
	for _, child := range p.Tables {
		for _, c := range child.Columns {
			for _, n := range c.Nodes {
				ranged, ok := n.Fill.(gen.Ranged)
				if !ok {
					continue
				}
				for i, in := range n.Inputs {
					cell := in.Column.FixedCell(row)
					if !ranged.Follows(i) || in.Column.Table != t || in.Column.Kind != column.Timestamp && in.Column.Kind != column.Date || cell == nil || cell.Null(0) {
						continue
					}
					if asKind(cell.Ints[0], in.Column.Kind, ranged.Kind()) > ranged.Last() {
						return fmt.Errorf("%s.%s of the standing row is %s, after the end of the range of %s.%s: set a later end",
							t.Name, in.Column.Name, cell.String(0), child.Name, c.Name)
					}
				}
			}
		}
	}
	return nil
}
