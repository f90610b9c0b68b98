package infer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sqlexpr"
)

// tails reads the last row of tables whose rows are a succession that is to go on.
func (d *draft) tails(ctx context.Context) error {
	tail, ok := d.options.Oracle.(sink.Tail)
	for _, t := range d.tables {
		s := t.succeeds
		if s == nil || s.by != "" || !ok || !t.filled() || !d.hasRows(t.schema) {
			continue
		}
		by := s.number
		if by == "" && t.schema.PrimaryKey != nil && len(t.schema.PrimaryKey.Columns) == 1 {
			by = t.schema.PrimaryKey.Columns[0]
		}
		if by == "" || !t.counts(by) {
			t.succeeds = nil
			continue
		}
		s.reads = []string{by}
		for _, name := range slices.Sorted(maps.Keys(s.cells)) {
			for _, c := range readsOf(s.cells[name], previousRow) {
				if !slices.Contains(s.reads, c) {
					s.reads = append(s.reads, c)
				}
			}
		}
		b, err := tail.Last(ctx, t.schema, s.reads)
		if err != nil {
			return fmt.Errorf("%s: read its last row, which the rows to come follow: %w", t.name, err)
		}
		if b.N > 0 {
			s.last = b
		}
	}
	return nil
}

// readsOf gives the columns that an expression reads of a row.
func readsOf(e sqlexpr.Expr, row string) (out []string) {
	sqlexpr.Walk(e, func(e sqlexpr.Expr) {
		if c, ok := e.(*sqlexpr.ColumnRef); ok && strings.EqualFold(c.Table, row) && !slices.Contains(out, c.Name) {
			out = append(out, c.Name)
		}
	})
	return out
}

// lastCell is the cell of the last row that stands, as a value of a blueprint; false where none stands, or it is null.
func (s *succession) lastCell(name string) (v yaml, ok bool) {
	at := slices.Index(s.reads, name)
	if s.last == nil || at < 0 || s.last.Vecs[at].Null(0) {
		return yaml{}, false
	}
	if c := s.last.Vecs[at]; c.Kind == column.Int || c.Kind == column.Decimal || c.Kind == column.Float {
		return raw(c.String(0)), true
	}
	return text(s.last.Vecs[at].String(0)), true
}

// mostRunning bounds the rows of a succession each of which is computed from the one before.
const mostRunning = 2000

// succeed lets the rows of a table go on from one another as its triggers want it.
func (t *table) succeed() {
	s := t.succeeds
	if s == nil || t.spec != nil || len(t.branches) > 1 || t.total() == 0 {
		return
	}
	if s.by != "" {
		c := t.byName[s.by]
		if c == nil || c.reference == nil {
			return
		}
		t.adjacent = s.by
		if !t.invert(c, 0) {
			t.adjacent = ""
			return
		}
	}
	if c := t.byName[s.number]; c != nil && c.schema != nil && c.schema.Sequence == "" && c.reference == nil {
		t.goOn(c, s.numbers(), "numbers "+s.within(t)+" without gaps")
	}
	for _, name := range s.sole {
		t.goOn(t.byName[name], s.firstOnly(t), "is so of the first row alone")
	}
	for _, name := range slices.Sorted(maps.Keys(s.cells)) {
		if c := t.byName[name]; c != nil && c.reference == nil {
			t.goOn(c, s.goesOn(t, c, s.cells[name]), "goes on from the row before")
		}
	}
}

func (s *succession) within(t *table) string {
	if s.by == "" {
		return "the rows"
	}
	return "the rows of each " + s.by
}

// goOn puts a generator first that a trigger asks for.
func (t *table) goOn(c *col, g yaml, why string) {
	if c == nil || !g.exists() || c.given || len(c.fills) == 0 || c.shared() == nil || t.unmeant[c.name] {
		return
	}
	f := c.shared()
	k := Candidate{Generator: g, Reason: "a trigger wants it: it " + why, Confidence: 0.95, exact: true, copies: true, meant: true}
	f.candidates = slices.Insert(f.candidates, f.at, k)
	if c.plain == nil {
		c.plain = &plainly{nulls: c.nulls}
	}
	c.nulls = 0
}

// numbers counts the rows.
func (s *succession) numbers() yaml {
	first, named := s.first, "sequence"
	if v, ok := s.lastCell(s.number); ok {
		if n, err := strconv.ParseInt(v.str(), 10, 64); err == nil {
			first = n + 1
		}
	}
	if s.by != "" {
		if first == 1 {
			return short("ordinal", s.by)
		}
		return call("ordinal", "of", s.by, "start", first)
	}
	if first == 1 {
		return raw(named)
	}
	return call(named, "start", first)
}

// previous gives the column that leads from a row to the one before it; "" where no column tells the rows apart.
func (s *succession) previous(t *table) string {
	key := s.number
	if p := t.schema.PrimaryKey; p != nil && (len(p.Columns) == 1 || key == "") {
		key = p.Columns[len(p.Columns)-1]
	}
	if key == "" || t.byName[key] == nil {
		return ""
	}
	name := "previous_row"
	g := call("reference", "table", t.name, "column", key).beside("unique", true)
	if s.by != "" {
		name, g = "previous_of_"+strings.Map(plainRune, s.by), call("reference", "table", t.name, "column", key, "previous", s.by)
	}
	for t.byName[name] != nil && !t.byName[name].virtual {
		name += "_"
	}
	return t.virtual(name, g, "the row before it")
}

// firstOnly is true of the first row alone.
func (s *succession) firstOnly(t *table) yaml {
	if s.last != nil {
		return short("constant", false)
	}
	if name := s.previous(t); name != "" {
		return short("expression", quote(name+" == nil"))
	}
	return yaml{}
}

// goesOn makes the cells of a column that follow the row before.
func (s *succession) goesOn(t *table, c *col, e sqlexpr.Expr) yaml {
	root := yaml{}
	of := uncast(e)
	if call, is := of.(*sqlexpr.Call); is && len(call.Args) == 2 && (call.Name == "coalesce" || call.Name == "ifnull") {
		if l, is := uncast(call.Args[1]).(*sqlexpr.Literal); is && l.Kind != sqlexpr.NullLiteral {
			of, root = uncast(call.Args[0]), text(l.Text)
			if l.Kind == sqlexpr.NumberLiteral {
				root = raw(l.Text)
			}
		}
	}
	ref, copies := of.(*sqlexpr.ColumnRef)
	if !copies || ref.Table != previousRow {
		return s.sums(t, e)
	}
	if v, ok := s.lastCell(ref.Name); ok {
		root = v
	}
	if !root.exists() && c.schema.NotNull {
		if b := t.draft.drawn(t, c, c.shared().chosen().Generator, 1); b != nil && b.N > 0 {
			root = text(b.Vecs[0].String(0))
		}
		if !root.exists() {
			return yaml{}
		}
	}
	if from := t.byName[ref.Name]; from != nil && (t.wantsUnique(from) || t.wantsUnique(c)) {
		args := []any{"table", t.name, "column", ref.Name}
		if root.exists() {
			args = append(args, "root", root)
		}
		if s.by != "" {
			args = append(args, "previous", s.by)
		}
		g := call("reference", args...)
		if s.by == "" && !t.wantsUnique(c) {
			g = g.beside("unique", true)
		}
		return g
	}
	name := s.previous(t)
	switch {
	case name == "":
		return yaml{}
	case root.exists():
		value := root.str()
		if c.kind() != column.Int && c.kind() != column.Decimal && c.kind() != column.Float {
			value = quote(value).String()
		}
		return short("expression", quote("coalesce("+cellOf(name, ref.Name)+", "+value+")"))
	}
	return short("cell", name+"."+ref.Name)
}

// cellOf reads a cell of the row before in an expression.
func cellOf(previous, name string) string {
	if isPlain(name) {
		return previous + "." + name
	}
	return "cell(" + quote(previous+"."+name).String() + ")"
}

// sums writes what is computed of the row and the one before it; nothing where that is not understood.
func (s *succession) sums(t *table, e sqlexpr.Expr) yaml {
	if s.by == "" && t.total() > mostRunning {
		return yaml{}
	}
	name := s.previous(t)
	text, ok := s.term(t, name, e)
	if !ok || name == "" {
		return yaml{}
	}
	return short("expression", quote(text))
}

func (s *succession) term(t *table, previous string, e sqlexpr.Expr) (string, bool) {
	switch e := uncast(e).(type) {
	case *sqlexpr.Literal:
		return e.Text, e.Kind == sqlexpr.NumberLiteral
	case *sqlexpr.ColumnRef:
		if mine, ok := newCell(e); ok {
			return meaning.Cell(mine), t.byName[mine] != nil
		}
		if e.Table != previousRow {
			return "", false
		}
		root := "0"
		if v, ok := s.lastCell(e.Name); ok {
			root = v.str()
		}
		return "coalesce(" + cellOf(previous, e.Name) + ", " + root + ")", true
	case *sqlexpr.Call:
		if len(e.Args) == 2 && (e.Name == "coalesce" || e.Name == "ifnull") {
			return s.term(t, previous, e.Args[0])
		}
	case *sqlexpr.Binary:
		if e.Op == "+" || e.Op == "-" {
			l, ok := s.term(t, previous, e.L)
			r, also := s.term(t, previous, e.R)
			return "(" + l + " " + e.Op + " " + r + ")", ok && also
		}
	}
	return "", false
}
