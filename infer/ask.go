package infer

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
)

// A trigger may refuse a row because of the state of the row that it refers to: a review of a booking that was cancelled, an
// order of a customer who is locked. Only rows in such states as it takes are picked then.

// ask is what a trigger wants of the row of another table that goes with a row.
type ask struct {
	parent        *table
	columns, refs []string // what the two rows have the same
	wants         []want
}

// want is a condition over cells of one row, or that it does not hold.
type want struct {
	text string
	not  bool
}

var (
	casts     = regexp.MustCompile(`::[\w."]+(?:\[\])?`)
	someOf    = regexp.MustCompile(`^([\w.]+) (not )?in ?\((.+)\)$`)
	anyOne    = regexp.MustCompile(`^([\w.]+) ?= ?any ?\( ?(?:array ?)?\[(.+)\] ?\)$`)
	comparing = regexp.MustCompile(`^([\w.]+) ?(=|<>|!=|<=|>=|<|>|is distinct from|is not distinct from) ?('(?:[^']|'')*'|-?\d+(?:\.\d+)?|true|false)$`)
	orNothing = regexp.MustCompile(`^([\w.]+) is (not )?(null|true|false)$`)
	prefixes  = regexp.MustCompile(`\b[a-z_]\w*\.([a-z_]\w*)`)
	itself    = regexp.MustCompile(`^[\w.]+$`)
	constants = regexp.MustCompile(`^ ?('(?:[^']|'')*'|-?\d+(?:\.\d+)?) ?(?:,|$)`)
)

// operators are those of the blueprint's expressions.
var operators = map[string]string{"=": "==", "is not distinct from": "==", "<>": "!=", "!=": "!=", "is distinct from": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

// expression writes the condition in the language of the blueprint, over cells of a table; false where that is not known to
// be the same.
func (w want) expression(t *table) (text string, ok bool) {
	c := unwrapped(casts.ReplaceAllString(w.text, ""))
	not := w.not
	for strings.HasPrefix(c, "not ") {
		c, not = unwrapped(c[4:]), !not
	}
	cellOf := func(name string) *col {
		if on := t.byName[bare(name)]; on != nil && on.schema != nil && len(on.fills) > 0 {
			return on
		}
		return nil
	}
	values := func(on *col, list string) (out []string, ok bool) {
		for list != "" {
			m := constants.FindStringSubmatch(list)
			if m == nil {
				return nil, false
			}
			v, ok := constantOf(on, m[1])
			if !ok {
				return nil, false
			}
			out, list = append(out, v), list[len(m[0]):]
		}
		return out, len(out) > 0
	}
	var on *col
	if m := someOf.FindStringSubmatch(c); m != nil {
		if on = cellOf(m[1]); on != nil {
			var list []string
			list, ok = values(on, m[3])
			text, not = meaning.Cell(on.name)+" in ["+strings.Join(list, ", ")+"]", not != (m[2] != "")
		}
	} else if m := anyOne.FindStringSubmatch(c); m != nil {
		if on = cellOf(m[1]); on != nil {
			var list []string
			list, ok = values(on, m[2])
			text = meaning.Cell(on.name) + " in [" + strings.Join(list, ", ") + "]"
		}
	} else if m := comparing.FindStringSubmatch(c); m != nil {
		if on = cellOf(m[1]); on != nil {
			var v string
			v, ok = constantOf(on, m[3])
			text = meaning.Cell(on.name) + " " + operators[m[2]] + " " + v
		}
	} else if m := orNothing.FindStringSubmatch(c); m != nil {
		if on = cellOf(m[1]); on != nil {
			v := map[string]string{"null": "nil"}[m[3]]
			if v == "" {
				v, ok = m[3], on.kind() == column.Bool
			} else {
				ok = true
			}
			text, not = meaning.Cell(on.name)+" == "+v, not != (m[2] != "")
		}
	} else if itself.MatchString(c) {
		if on = cellOf(c); on != nil {
			text, ok = meaning.Cell(on.name)+" == true", on.kind() == column.Bool
		}
	}
	if not {
		text = "not (" + text + ")"
	}
	if w.not && on != nil && !on.schema.NotNull && !strings.Contains(text, "== nil") {
		text = "coalesce(" + text + ", true)" // of a null the trigger's condition does not hold
	}
	return text, ok
}

// fewParents are as many rows of a table as all have to be such as triggers take.
const fewParents = 5

// suits lets all rows of a table with few be such as a trigger takes, where its checks do not contradict.
func (t *table) suits(trigger string, wants []want) {
	if !t.filled() || t.spec != nil || t.rows >= fewParents {
		return
	}
	for _, w := range wants {
		text := casts.ReplaceAllString(unprefixed(w.text), "")
		if text = "(" + text + ") IS TRUE"; w.not {
			text = "(" + strings.TrimSuffix(text, "TRUE") + "NOT TRUE)"
		}
		k := &check.Check{Name: "what " + trigger + " wants", Expression: text}
		e, err := check.Parse(text, t.draft.db.Dialect == "sqlite")
		if err != nil || slices.ContainsFunc(check.Columns(e), func(n string) bool { return t.schema.Column(n) == nil }) {
			continue
		}
		k.Columns = check.Columns(e)
		if cases, err := check.Solve(t.schema, append(t.conditions(), k), mostBranches, check.OptionsOf(t.draft.db, lastMoment)); err != nil || len(cases) == 0 {
			continue
		}
		t.wanted = append(t.wanted, k)
		t.columns, t.byName = nil, map[string]*col{}
		t.declare()
	}
}

// unprefixed takes the names of tables before columns away.
func unprefixed(s string) string {
	var out strings.Builder
	from := 0
	for _, at := range comments.FindAllStringIndex(s, -1) { // what stands in quotes too
		out.WriteString(prefixes.ReplaceAllString(s[from:at[0]], "$1") + s[at[0]:at[1]])
		from = at[1]
	}
	return out.String() + prefixes.ReplaceAllString(s[from:], "$1")
}

// constantOf writes a constant of SQL for cells of a column.
func constantOf(on *col, c string) (string, bool) {
	switch on.kind() {
	case column.Text, column.Literal:
		body, ok := strings.CutPrefix(c, "'")
		if !ok || on.kind() == column.Literal && len(on.schema.Type.Enum) == 0 {
			return "", false
		}
		return quote(strings.ReplaceAll(strings.TrimSuffix(body, "'"), "''", "'")).String(), true
	case column.Int, column.Decimal, column.Float:
		return strings.Trim(c, "'"), c != "true" && c != "false"
	case column.Bool:
		c = cmp.Or(map[string]string{"0": "false", "1": "true"}[c], c)
		return c, c == "true" || c == "false"
	}
	return "", false
}

// asking lets references lead to such rows alone as triggers take.
func (t *table) asking() {
	asked := map[*col][]want{}
	for _, a := range t.asks {
		if c := t.lookedAt(a); c != nil {
			asked[c] = append(asked[c], a.wants...)
		}
	}
	for _, c := range t.columns {
		wants := asked[c]
		if len(wants) == 0 {
			continue
		}
		p := c.reference.parent
		var all []string
		for _, w := range wants {
			if text, ok := w.expression(p); ok && !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
		if len(all) == 0 || !p.filled() || p.spec != nil || !t.acyclic(p) {
			continue
		}
		taken := p.virtual("taken by triggers of "+t.name+"."+c.name, short("expression", quote(strings.Join(all, " and "))), "whether triggers of "+t.name+" take rows that refer to it")
		p.byName[taken].helps = false
		yes := t.virtual("yes", short("constant", true), "what the rows that are referred to have to be")
		for _, f := range uniqueFills(c.fills) {
			g := matchingToo(f.chosen().Generator, taken, yes)
			if !g.exists() || f.chosen().Generator.arg("matching").get(taken).exists() {
				continue
			}
			f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: f.chosen().Reason + "; triggers take no others", Confidence: 0.9, exact: f.chosen().exact, copies: f.chosen().copies})
			c.reads = append(c.reads, yes)
		}
	}
}

// lookedAt gives the column that refers to the row that a trigger looks at; nil where none does.
func (t *table) lookedAt(a ask) *col {
	for _, name := range a.columns {
		c := t.byName[name]
		if c == nil || c.given || c.reference == nil || c.reference.parent != a.parent || c.reference.leader != name || len(c.fills) == 0 {
			continue
		}
		k := c.reference.key
		if !slices.ContainsFunc(a.columns, func(n string) bool {
			at := slices.Index(k.Columns, n)
			return at < 0 || k.RefColumns[at] != a.refs[slices.Index(a.columns, n)]
		}) {
			return c
		}
	}
	return nil
}

// looked tells whether a trigger looks at the row that a column refers to.
func (t *table) looked(c *col) bool {
	return slices.ContainsFunc(t.asks, func(a ask) bool { return t.lookedAt(a) == c })
}
