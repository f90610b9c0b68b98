package infer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/internal/shown"
)

// render writes the draft as the text of a blueprint, with a reason beside each choice.
func (d *draft) render() []byte {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# What sower inferred from the schema of %s: edit what should be otherwise.", oneLine(d.db.Name))
	say("# The remark beside a generator says why it was chosen, and how sure that is.")
	say("sower: 1")
	say("name: %s", text(d.db.Name))
	if d.options.Saved != "" {
		say("database: %s # its schema as it was: for commands that name no database", text(d.options.Saved))
	}
	if len(d.tables) == 0 {
		say("tables: {}")
		return []byte(b.String())
	}
	say("tables:")
	for _, t := range d.loadOrder() {
		if remark := t.remark(); remark != "" {
			say("")
			say("  # %s", remark)
		}
		if t.standing {
			say("  %s: {standing: true} # its rows stand: others refer to them", text(t.name))
			continue
		}
		say("  %s:", text(t.name))
		if len(t.made) > 0 {
			t.renderMade(say)
			continue
		}
		if t.spec != nil {
			say("    rows: 0 # the blueprint counts them")
		} else if len(t.branches) > 1 {
			say("    parts: # the ways in which its checks hold")
			for _, br := range t.branches {
				if br.each != nil {
					say("      %s: {each: {table: %s, min: 0, max: 1, rows: %d}}", text(br.part), text(br.each.name), br.rows)
					continue
				}
				say("      %s: {rows: %d}", text(br.part), br.rows)
			}
		} else {
			say("    rows: %d", t.rows)
		}
		t.renderUniques(say)
		t.renderChecks(say)
		first := true
		for _, c := range t.columns {
			if !c.written() {
				continue
			}
			if first {
				say("    columns:")
				first = false
			}
			t.renderColumn(say, c)
		}
	}
	return []byte(b.String())
}

// renderMade writes a table whose rows triggers make.
func (t *table) renderMade(say sayer) {
	say("    triggered: true # triggers make its rows: %s", oneLine(t.made[0].trigger))
	say("    parts:")
	taken := map[string]bool{}
	var parts []string
	for _, m := range t.made {
		parts = append(parts, t.partName("of_"+m.of.schema.Name, taken))
		say("      %s: {each: %s}", text(parts[len(parts)-1]), text(m.of.name))
	}
	say("    columns:")
	for _, c := range t.schema.Columns {
		var cells []any
		for i, m := range t.made {
			if from := m.columns[c.Name]; from != "" {
				cells = append(cells, parts[i], short("cell", parts[i]+"."+from))
			}
		}
		switch {
		case len(cells) < 2*len(t.made):
		case len(t.made) == 1:
			say("      %s: %s", text(c.Name), cells[1])
		default:
			say("      %s: %s", text(c.Name), short("part", mapping(cells...)))
		}
	}
}

type sayer func(format string, args ...any)

// written tells whether the blueprint has a line for the column.
func (c *col) written() bool { return len(c.fills) > 0 && !c.given && (!c.helps || c.read()) }

// read tells whether the generator of another column reads this one.
func (c *col) read() bool {
	for _, o := range c.table.columns {
		if o == c || len(o.fills) == 0 {
			continue
		}
		for _, f := range o.fills {
			if f.chosen().Generator.mentions(c.name) {
				return true
			}
		}
	}
	return false
}

func (t *table) renderUniques(say sayer) {
	var sets []yaml
	seen := map[string]bool{} // several partial uniques over the same columns are one set
	unique := slices.Clone(t.unique)
	if t.draft.options.Alone {
		unique = append(unique, t.plainUniques()...)
	}
	slices.SortStableFunc(unique, func(a, b uniqueSet) int { return cmp.Compare(a.rank(), b.rank()) })
	for _, u := range unique {
		columns := strings.Join(slices.Sorted(slices.Values(u.columns)), "\x00")
		if u.classes {
			columns += "\x00\x00" + u.index.Name
		}
		if seen[columns] {
			continue
		}
		seen[columns] = true
		given := slices.ContainsFunc(u.columns, func(name string) bool { return t.byName[name] != nil && t.byName[name].given })
		if (len(u.columns) > 1 || u.classes) && !given { // the blueprint that is completed has sets of its own
			sets = append(sets, u.render())
		}
	}
	if len(sets) > 0 {
		say("    unique: %s", list(sets))
	}
}

// rank puts sets that say more than their columns before others.
func (u *uniqueSet) rank() int {
	switch {
	case u.classes:
		return 3
	case u.pair == nil:
		return 2
	case u.pair.ordered:
		return 1
	}
	return 0
}

func (u *uniqueSet) render() yaml {
	if u.classes {
		return mapping("columns", list(u.columns), "index", u.index.Name)
	}
	if u.pair == nil {
		return list(u.columns)
	}
	how, args := "unordered", []any{}
	if u.pair.ordered {
		how = "differ"
	}
	if len(u.columns) > 2 {
		args = append(args, "columns", list(u.columns))
	}
	args = append(args, how, list([]string{u.pair.left, u.pair.right}))
	if u.pair.equal {
		args = append(args, "equal", true)
	}
	return mapping(args...)
}

// plainUniques are those of the schema that plan reads there, where the blueprint fills all of their columns.
func (t *table) plainUniques() (out []uniqueSet) {
	filled := func(name string) bool { c := t.byName[name]; return c != nil && c.written() }
	for _, u := range t.schema.Uniques {
		if u.Where == "" && len(u.Columns) > 1 && !slices.ContainsFunc(u.Columns, func(n string) bool { return !filled(n) }) {
			out = append(out, uniqueSet{columns: u.Columns, index: u})
		}
	}
	return out
}

func (t *table) renderChecks(say sayer) {
	if len(t.guards) == 0 {
		return
	}
	say("    checks: # held by drawing again")
	for _, g := range t.guards {
		of := ""
		if len(g.parts) > 0 {
			of = ", parts: " + list(g.parts).String()
		}
		say("      %s: {redraw: %s%s}", text(g.check), list(g.redraw), of)
	}
}

func (t *table) renderColumn(say sayer, c *col) {
	one := c.shared()
	if one != nil {
		say("      %s: %s # %s", text(c.name), c.beside(one.chosen().Generator), remark(one.chosen()))
		return
	}
	say("      %s:%s", text(c.name), "")
	if len(c.keys(false)) > 0 {
		for _, kv := range c.keys(false) {
			say("        %s: %s", kv.key, kv.value)
		}
	}
	say("        part:")
	for i, f := range c.fills {
		g := f.chosen().Generator
		if b := &t.branches[i]; c.nulls > 0 && !g.isNull() && (b.key == nil || !slices.Contains(b.key.Columns, c.name)) {
			g = g.beside("nulls", c.nulls)
		}
		say("          %s: %s # %s", text(t.branches[i].part), g, remark(f.chosen()))
	}
}

// keys gives what stands beside a column's generator.
func (c *col) keys(nulls bool) (out []entry) {
	add := func(key string, v any) { out = append(out, entry{text(key), value(v)}) }
	if nulls && c.nulls > 0 {
		add("nulls", c.nulls)
	}
	if c.unique || c.table.wantsSet(c.name) || c.table.draft.options.Alone && c.table.single(c.name) != nil && !c.isKey() {
		add("unique", true)
	}
	if len(c.notBefore) > 0 {
		add("not_before", list(c.notBefore))
	}
	if c.virtual {
		add("virtual", true)
	}
	return out
}

// isKey tells whether the column's generator makes keys, which are unique by themselves.
func (c *col) isKey() bool {
	return !slices.ContainsFunc(c.fills, func(f *fill) bool {
		return !f.chosen().Generator.is("sequence", "uuid") || f.chosen().Generator.argument().exists()
	})
}

// wantsSet tells whether a unique that plan does not read as such is over the column alone.
func (t *table) wantsSet(name string) bool {
	for _, u := range t.unique {
		hidden := u.within != nil && t.byName[apartName(name)] != nil
		if len(u.columns) == 1 && !u.classes && u.columns[0] == name && !hidden {
			return true
		}
	}
	return false
}

func (c *col) beside(g yaml) yaml {
	for _, k := range c.keys(!g.isNull()) {
		g = g.beside(k.key.str(), k.value)
	}
	return g
}

func remark(k *Candidate) string {
	return fmt.Sprintf("%s (%d %%)", oneLine(k.Reason), int(k.Confidence*100+0.5))
}

// oneLine keeps a text within a comment.
func oneLine(s string) string { return shown.Text(s) }
