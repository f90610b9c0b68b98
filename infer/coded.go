package infer

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// States and the like that a column holds by a code: a number, or the key of a row of a table that lists them. Beside such a
// column stands a hidden one of their names, which takes part in all that states do; the column itself is the code of that
// name. What a list has is known where its rows stand; where they are made, they are named after the moments that rows
// of other tables which refer to it have, or are what such lists mostly have.

// catalog is a table whose rows are what others choose from.
type catalog struct {
	column string // that holds the names
	names  []string
	shown  []string // as its rows have them
	more   string   // what further rows are, which are numbered
	stands bool
}

// mostListed are as many rows as a list has, at most.
const mostListed = 24

// lists finds the tables that list what others choose from, and what.
func (d *draft) lists(ctx context.Context) error {
	d.listed = map[*table]*catalog{}
	if d.options.Plain {
		return nil
	}
	for _, t := range d.tables {
		if t.spec != nil || len(t.schema.Columns) > 8 || len(t.foreignKeys()) > 0 || len(d.referring(t.schema)) == 0 || len(t.owner()) == 0 {
			continue
		}
		name := t.nameColumn()
		kind := t.owner()[len(t.owner())-1]
		if name == "" || kind == "state" && len(t.owner()) == 1 || kind == "role" && t.owner()[0] == "job" {
			continue
		}
		l := &catalog{column: name, stands: t.standing}
		switch {
		case t.standing && d.options.Oracle != nil && (meaning.Lists[kind] != nil || meaning.Status([]string{kind})):
			pk := t.schema.PrimaryKey
			if pk == nil || len(pk.Columns) != 1 {
				continue
			}
			b, err := d.options.Oracle.Keys(ctx, t.schema, []string{pk.Columns[0], name}, mostListed+1)
			if err != nil {
				return fmt.Errorf("%s: read what it lists: %w", t.name, err)
			}
			v := b.Col(name)
			for i := range b.N {
				if v.Null(i) || slices.Contains(l.names, v.String(i)) {
					l.names = nil
					break
				}
				l.names = append(l.names, v.String(i))
			}
			if len(l.names) > mostListed {
				l.names = nil
			}
			l.shown = l.names
		case t.filled() && t.plainList(name) && !d.options.Append: // appended rows are no list of their own
			if l.names = d.statesOf(t); l.names == nil || !meaning.Status([]string{kind}) {
				l.names = meaning.Lists[kind]
			}
			if named := meaning.Lists[strings.Join(meaning.Expand(t.owner()), "_")]; named != nil {
				l.names = named
			}
			if few := d.listedRows(t, len(l.names)); few > len(l.names) {
				l.names = meaning.Longer(kind, l.names, few)
			}
			usual := t.usualEntry(name)
			if usual != "" && !slices.Contains(l.names, usual) && len(l.names) > 0 {
				l.names = append([]string{usual}, l.names[1:]...)
			}
			for _, n := range l.names {
				if usual == "" {
					n = titled(n)
				}
				l.shown = append(l.shown, n)
			}
			l.more = strings.Join(t.owner(), "_")
			if c := t.schema.Column(name); c.Type.Length > 0 && slices.ContainsFunc(append(l.names, l.another(max(t.rows, mostListed))), func(n string) bool { return len(n) > c.Type.Length }) {
				continue
			}
			l.names = l.shown
		}
		if len(l.names) > 1 {
			d.listed[t] = l
		}
	}
	for _, t := range d.tables {
		l := d.listed[t]
		if l == nil || l.stands {
			continue
		}
		switch n := int64(len(l.names)); {
		case d.listedRows(t, int(n)) != int(n):
			if t.rows > n && t.single(l.column) != nil { // there are no more words of its kind
				delete(d.listed, t)
			}
		case d.options.ByRole:
			t.rows = n
		case t.rows > n && t.fewEntries():
			d.result.Lowered = append(d.result.Lowered, Lowered{Table: t.name, From: t.rows, To: n,
				Why: "it lists " + strings.Join(l.names, ", ") + " (--rows " + t.name + "=N makes more)"})
			t.rows = n
		case t.rows > n && t.single(l.column) != nil: // whoever wants so many may want more
			delete(d.listed, t)
		}
	}
	return nil
}

// usualEntry is the default of columns that refer to a list by the names of its entries; "" where there is none.
func (t *table) usualEntry(name string) string {
	for _, o := range t.draft.referring(t.schema) {
		for _, fk := range o.foreignKeys() {
			if len(fk.Columns) != 1 || fk.RefColumns[0] != name || t.draft.table(fk.RefSchema,
				fk.RefTable) != t.schema {
				continue
			}
			if c := o.schema.Column(fk.Columns[0]); c != nil {
				if v, ok := sqlexpr.Constant(c.Default); ok && v != "" {
					return v
				}
			}
		}
	}
	return ""
}

// listedRows is how many rows a list is to have that has some names: as many as are asked for by the table's name, else as
// many as it has names.
func (d *draft) listedRows(t *table, names int) int {
	if n, said := d.options.TableRows[t.name]; said {
		return int(n)
	}
	return names
}

// fewEntries tells whether a list has no more entries than there are words for them: states, priorities and kinds that a
// unique name or code tells apart.
func (t *table) fewEntries() bool {
	kind := t.owner()[len(t.owner())-1]
	return (meaning.Status([]string{kind}) || slices.Contains([]string{"priority", "severity", "type"}, kind)) &&
		slices.ContainsFunc(t.schema.Columns, func(c *schema.Column) bool {
			return c.Type.Kind == column.Text && (t.single(c.Name) != nil || t.schema.PrimaryKey != nil &&
				slices.Equal(t.schema.PrimaryKey.Columns, []string{c.Name}))
		})
}

// another is the code of a row behind those that a list mostly has: "task_status_12".
func (l *catalog) another(row any) string { return fmt.Sprintf("%s_%v", l.more, row) }

// titled writes a code as a name: "Task status 12".
func titled(code string) string {
	code = strings.ReplaceAll(code, "_", " ")
	return strings.ToUpper(code[:1]) + code[1:]
}

// nameColumn finds the column by whose texts people know the rows of a list.
func (t *table) nameColumn() string {
	for _, want := range []string{"name", "label", "title", "description", "code"} {
		for _, c := range t.schema.Columns {
			w := t.wordsOf(c.Name)
			if c.Type.Kind == column.Text && len(w) > 0 && w[len(w)-1] == want && c.NotNull && (len(w) == 1 || len(w) == 2 && slices.Contains(t.owner(), w[0])) && len(c.Type.Enum) == 0 {
				return c.Name
			}
		}
	}
	return ""
}

// plainList tells whether a table has nothing but what lists have: names, codes, an order, colours, flags.
func (t *table) plainList(name string) bool {
	if slices.ContainsFunc(t.schema.Checks, func(k *schema.Check) bool { return len(k.Columns) != 1 || k.Columns[0] == name }) {
		return false
	}
	for _, c := range t.schema.Columns {
		w := t.wordsOf(c.Name)
		last := ""
		if len(w) > 0 {
			last = w[len(w)-1]
		}
		key := t.schema.PrimaryKey != nil && slices.Contains(t.schema.PrimaryKey.Columns, c.Name)
		switch {
		case key || c.Name == name || c.Type.Kind == column.Bool || c.Type.Kind == column.Int && len(w) > 1 && slices.Contains([]string{"is", "has", "can"}, w[0]) || c.Type.Kind == column.Timestamp || c.Type.Kind == column.Date:
		case slices.Contains([]string{"name", "code", "slug", "key", "label", "title", "description", "color", "colour", "icon", "order", "position", "rank", "sequence", "sort", "level", "weight", "notes"}, last):
		default:
			return false
		}
	}
	return true
}

// statesOf names the states that rows go through which refer to a list, by their moments; nil where these tell none.
func (d *draft) statesOf(t *table) (out []string) {
	for _, o := range d.referring(t.schema) {
		if names := o.stages(); len(names) > len(out) {
			out = names
		}
	}
	return out
}

// stages names the states that a table's rows go through, by the moments that not all of them have.
func (t *table) stages() []string {
	var moments [][]string
	for _, c := range t.schema.Columns {
		w := t.wordsOf(c.Name)
		moment := c.Type.Kind == column.Timestamp || c.Type.Kind == column.Date || (c.Type.Kind == column.Int || c.Type.Kind == column.Text) && len(w) > 1 && (w[len(w)-1] == "at" || w[len(w)-1] == "on")
		if moment && !c.NotNull {
			moments = append(moments, meaning.Expand(w))
		}
	}
	return meaning.Stages(moments, meaning.Expand(t.owner()))
}

// listing fills a list's columns with what it lists.
func (t *table) listing() {
	l := t.draft.listed[t]
	if l == nil || l.stands || len(t.branches) > 1 || t.spec != nil {
		return
	}
	number := t.virtual("row's number", call("sequence"), "the number of the row")
	fill := func(c *col, g yaml, reason string) {
		if f := c.shared(); f != nil && !c.given && c.reference == nil {
			f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: reason, Confidence: 0.85, exact: true, copies: true, meant: true})
			if c.plain == nil {
				c.plain = &plainly{nulls: c.nulls}
			}
			c.nulls, c.reads = 0, append(c.reads, number)
		}
	}
	cases := func(rest yaml, value func(i int, name string) yaml) yaml {
		var kv []any
		for i, n := range l.shown {
			kv = append(kv, strconv.Itoa(i+1), value(i, n))
		}
		return call("switch", "on", number, "cases", mapping(kv...), "else", rest)
	}
	another := l.another("{" + number + "}")
	for _, c := range t.columns {
		if c.schema == nil || len(c.fills) == 0 || t.unmeant[c.name] {
			continue
		}
		w := t.wordsOf(c.name)
		switch last := w[len(w)-1]; {
		case c.name == l.column:
			fill(c, cases(short("template", quote(titled(another))), func(_ int, n string) yaml { return short("constant", quote(n)) }), "what such tables list")
		case c.kind() == column.Text && slices.Contains([]string{"code", "slug", "key"}, last):
			longest := len(l.another(max(t.rows, mostListed)))
			for _, n := range l.names {
				longest = max(longest, len(n))
			}
			if k := c.schema.Type.Length; k == 0 || k >= longest {
				fill(c, cases(short("template", quote(another)), func(_ int, n string) yaml {
					return short("constant", quote(strings.ToLower(strings.ReplaceAll(n, " ", "_"))))
				}), "the code of what it lists")
			}
		case c.kind() == column.Bool || c.kind() == column.Int && t.binary(c):
			on, off := any(true), any(false)
			if c.kind() == column.Int {
				on, off = 1, 0
			}
			if says := meaning.Flagged(w, l.names); says != nil {
				fill(c, cases(short("constant", off), func(i int, n string) yaml {
					if says(i, n) {
						return short("constant", on)
					}
					return short("constant", off)
				}), "what its name says of what it lists")
			}
		case c.kind() == column.Int && slices.Contains([]string{"order", "position", "rank", "sequence", "sort",
			"level", "weight"}, last):
			fill(c, short("cell", number), "its place in the list")
		}
	}
}

// binary tells whether a column of numbers holds 0 and 1 alone, by its checks or by how switches are called.
func (t *table) binary(c *col) bool {
	codes := legal(c.schema, or(t.branches[0].domain(c.name)))
	if len(codes) == 0 {
		return slices.Contains([]string{"is", "has", "can"}, t.wordsOf(c.name)[0])
	}
	return len(codes) == 2 && slices.Contains(codes, "0") && slices.Contains(codes, "1")
}

// coded gives columns that hold states and the like by a code a hidden one of their names.
func (t *table) coded() {
	if t.draft.options.Plain || t.spec != nil || len(t.branches) > 1 {
		return
	}
	for _, c := range slices.Clone(t.columns) {
		if c.schema == nil || c.virtual || c.given || len(c.fills) == 0 || c.shared() == nil || t.wantsUnique(c) || t.inUnique(c) || t.unmeant[c.name] {
			continue
		}
		if c.reference != nil {
			t.listedBy(c)
		} else if c.kind() == column.Int && meaning.Status(meaning.Expand(t.wordsOf(c.name))) {
			t.numbered(c)
		}
	}
}

// named adds a hidden column of names beside one of codes.
func (t *table) named(c *col, kind string, names []string) *col {
	sc := *c.schema
	sc.Name, sc.Type, sc.Default = kind+" of "+c.name, schema.Type{Kind: column.Text, Name: "text", Base: "text"}, ""
	if t.byName[sc.Name] != nil {
		return nil
	}
	k := oneOf(names, "the states that its moments tell")
	v := &col{table: t, name: sc.Name, schema: &sc, virtual: true, helps: true, names: names, nulls: c.nulls, fills: []*fill{{candidates: []Candidate{k}}}}
	t.columns, t.byName[v.name] = append(t.columns, v), v
	if c.plain == nil {
		c.plain = &plainly{nulls: c.nulls}
	}
	c.nulls, c.reads = 0, append(c.reads, v.name)
	return v
}

// listedBy lets a reference to a list lead to the row of the state that its row is in.
func (t *table) listedBy(c *col) {
	r := c.reference
	l := t.draft.listed[r.parent]
	several := 0
	for _, o := range t.columns {
		if o.reference != nil && o.reference.parent == r.parent {
			several++
		}
	}
	if l == nil || several > 1 || r.leader != c.name || len(r.key.Columns) != 1 || len(r.matching) > 0 || r.parent == t {
		return
	}
	f := c.shared()
	if g := f.chosen().Generator; !g.is("reference") || g.has("matching", "first", "per_parent") {
		return
	}
	owner := r.parent.owner()
	if v := t.named(c, owner[len(owner)-1], l.names); v != nil {
		g := f.chosen().Generator.with("matching", mapping(l.column, v.name))
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: f.chosen().Reason + ", by what it lists", Confidence: 0.9, exact: f.chosen().exact, copies: f.chosen().copies, meant: true})
	}
}

// numbered lets numbers be codes of the states that the moments of the row tell, in the order of life.
func (t *table) numbered(c *col) {
	names := t.stages()
	if len(names) < 2 {
		return
	}
	codes := legal(c.schema, or(t.branches[0].domain(c.name)))
	f := c.shared()
	switch {
	case len(codes) == 0 && strings.HasSuffix(f.chosen().Reason, aStateAsNumber):
		for i := range names {
			codes = append(codes, strconv.Itoa(i))
		}
	case len(codes) < 2 || len(codes) > 12:
		return
	}
	slices.SortFunc(codes, func(a, b string) int {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return x - y
	})
	if v, ok := sqlexpr.Constant(c.schema.Default); ok && slices.Contains(codes, v) { // rows begin so
		codes = slices.Insert(slices.DeleteFunc(codes, func(s string) bool { return s == v }), 0, v)
	}
	names = meaning.Further(names, len(codes))
	for _, n := range []string{"skipped", "withdrawn", "void", "ignored", "dropped", "dismissed", "revoked", "lost", "spam", "flagged"} { // no moment tells what these are
		if len(names) < len(codes) && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if codes = codes[:min(len(codes), len(names))]; len(codes) < 2 {
		return
	}
	names = names[:len(codes)]
	v := t.named(c, "status", names)
	if v == nil {
		return
	}
	var cases []any
	for i, n := range names {
		cases = append(cases, n, short("constant", raw(codes[i])))
	}
	f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: call("switch", "on", v.name, "cases", mapping(cases...)), Reason: "a code of the states " + strings.Join(names, ", "), Confidence: 0.75, exact: true, copies: true, meant: true})
}

func or(d *check.Domain) *check.Domain {
	if d == nil {
		return &check.Domain{}
	}
	return d
}
