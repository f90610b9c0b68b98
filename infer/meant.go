package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/schema"
)

// meanings gives the columns of a table the generators of what they mean together, as candidates before all others: where
// keys, uniques or checks leave no room for one, it gives way like any other.
func (t *table) meanings() {
	if t.draft.options.Plain {
		return
	}
	for _, k := range meaning.Read(t.draft.read(t)) {
		if c := t.byName[k.Column]; c != nil && !t.unmeant[k.Column] {
			t.mean(c, &k)
		}
	}
	t.changed()
}

// mean puts a candidate before those of a column.
func (t *table) mean(c *col, k *meaning.Claim) {
	if k.Only != nil && c.reference != nil && !c.schema.NotNull {
		t.unprecede(c)
	}
	for _, name := range k.Reads {
		o := t.byName[name]
		if o == nil || o == c || len(o.fills) == 0 && !o.given || t.reaches(o, c) {
			return
		}
	}
	var g func(f *fill) yaml
	var others []yaml // should it give way
	nulls := c.nulls
	switch {
	case k.Computed != "":
		g, nulls = func(*fill) yaml { return short("expression", quote(k.Computed)) }, 0
	case k.Copied != nil:
		if !t.copyable(c, k.Copied) {
			return
		}
		g, nulls = func(*fill) yaml { return short("cell", k.Copied.Reference+"."+k.Copied.Column) }, 0
	case k.Part != nil:
		g, nulls = t.part(c, k.Part), 0
	case k.Above != nil:
		g, nulls = t.above(c, k), 0
	case len(k.Agrees) > 0 && t.alone(c):
		return
	case len(k.Agrees) > 0:
		g = func(f *fill) yaml { return agreeing(f, k.Agrees) }
		if len(k.Agrees) > 1 {
			for i := range slices.Backward(k.Agrees) {
				others = append(others, agreeing(c.fills[0], k.Agrees[i:i+1]))
			}
		}
	case k.Cases != nil:
		g, nulls = func(*fill) yaml { return patterns(k.Cases) }, 0
	case k.Text != "" && k.Slug != nil:
		name := t.virtual(k.Slug.Of+" slug", short("slug", k.Slug.Of), k.Slug.Of+" as addresses of pages have it")
		g = func(*fill) yaml { return short("template", quote(strings.Replace(k.Text, "{}", "{"+name+"}", 1))) }
	case k.Text != "":
		g = func(*fill) yaml { return short("template", quote(k.Text)) }
	case k.Slug != nil:
		g, nulls = func(*fill) yaml { return t.slug(c, k.Slug) }, 0
	case k.Kin != nil:
		made, ok := t.summed(k.Kin, c)
		if !ok {
			return
		}
		g, nulls = func(*fill) yaml { return made }, 0
	case k.Place != nil:
		made := t.placed(c, k.Place)
		g, nulls = func(*fill) yaml { return made }, 0
	case k.When != nil && c.reference != nil:
		g, nulls = func(f *fill) yaml { return conditioned(f.chosen().Generator, k.When) }, 0
	case k.When != nil:
		g, nulls = func(f *fill) yaml { return t.when(c, f, k.When) }, 0
	case k.Prose != nil:
		made := t.prose(k.Prose)
		g = func(*fill) yaml { return made }
	case k.Person != nil:
		sex := t.virtual(c.name+" of the person", (&site{table: t, locale: t.draft.options.Locale}).person("gender"), "the sex of the row's person")
		g = func(*fill) yaml {
			return call("switch", "on", sex, "cases", mapping("female", short("constant", k.Person.Female), "male", short("constant", k.Person.Male)))
		}
	case k.Later != nil:
		from := t.byName[k.Later.From]
		if c.slot || t.wantsUnique(c) || t.bound(c) || !comparable(from, c) || from.nulls > 0 && c.schema.NotNull {
			return
		}
		g = func(*fill) yaml {
			return t.offset(c, from.name, k.Later.Least, k.Later.Most)
		}
		c.notBefore, c.follows, c.after = nil, true, from
	case len(k.Weights) > 0:
		if t.inUnique(c) || t.checkedWithOthers(c) {
			return
		}
		g = func(*fill) yaml { return weighted(k.Weights) }
		if len(k.Late) > 0 {
			made := t.late(k)
			g = func(*fill) yaml { return made }
		}
	}
	if g == nil {
		return
	}
	if k.Only != nil {
		nulls = 0
	}
	done := false
	for _, f := range uniqueFills(c.fills) {
		if f.chosen().Generator.isNull() || f.chosen().copies && !c.follows && k.When == nil && !(f.chosen().meant && (k.Kin != nil || k.Place != nil)) {
			continue
		}
		made := g(f)
		if !made.exists() {
			continue
		}
		exact := len(k.Weights) > 0 || len(k.Agrees) > 0
		var all []Candidate
		for _, made := range slices.Concat([]yaml{made}, others) {
			if k.Only != nil {
				made = conditioned(made, k.Only)
			}
			all = append(all, Candidate{Generator: made, Reason: k.Says, Confidence: k.Confidence, exact: exact && f.chosen().exact, copies: !exact, meant: true})
		}
		f.candidates = slices.Insert(f.candidates, f.at, all...)
		done = true
	}
	if !done {
		return
	}
	if k.Copied != nil && c.reference != nil {
		c.follows = false
	}
	if k.Kin != nil || k.Place != nil {
		c.notBefore, c.follows, c.after, c.reads = nil, false, nil, nil
	}
	if c.plain == nil {
		c.plain = &plainly{nulls: c.nulls}
	}
	c.nulls, c.reads = nulls, append(c.reads, k.Reads...)
	for _, name := range k.Filled {
		t.byName[name].nulls = 0
	}
}

// unprecede lets no moment of a row come after that of a row which is referred to in some states alone: the states hang on
// when the row was made.
func (t *table) unprecede(by *col) {
	for _, c := range t.columns {
		c.notBefore = slices.DeleteFunc(c.notBefore, func(path string) bool { return strings.HasPrefix(path, by.name+".") })
	}
}

// plainly is what a column was before it got a meaning.
type plainly struct{ nulls float64 }

// slug makes a slug of a text, with the key behind it where slugs are to be distinct.
func (t *table) slug(c *col, s *meaning.Slug) yaml {
	number := s.Number
	if of := t.byName[s.Of]; of != nil && t.wantsUnique(of) { // distinct as these are
		return short("slug", s.Of)
	}
	if pk := t.schema.PrimaryKey; number == "" && t.inUnique(c) && pk != nil && len(pk.Columns) == 1 && t.byName[pk.Columns[0]] != nil && t.byName[pk.Columns[0]].kind() == column.Int {
		number = pk.Columns[0]
	}
	if number == "" && t.inUnique(c) {
		number = t.virtual("row's number", call("sequence"), "the number of the row")
	}
	if number != "" {
		return call("slug", "of", s.Of, "number", number)
	}
	return short("slug", s.Of)
}

// patterns are texts that look so or so by the value of another column.
func patterns(k *meaning.Cases) yaml {
	look := func(p string) yaml {
		switch {
		case !k.IBAN:
			return short("pattern", quote(p))
		case p == "":
			return short("code", "iban")
		}
		return call("code", "type", "iban", "country", p)
	}
	var cases []any
	for _, c := range k.Of {
		cases = append(cases, c.Value, look(c.Pattern))
	}
	args := []any{"on", k.On, "cases", mapping(cases...)}
	if k.Else != "" || k.IBAN {
		args = append(args, "else", look(k.Else))
	}
	return call("switch", args...)
}

// reaches tells whether a column's cells are made from another one's.
func (t *table) reaches(c, other *col) bool {
	seen := map[*col]bool{}
	var look func(c *col) bool
	look = func(c *col) bool {
		if c == nil || seen[c] {
			return false
		}
		if c == other {
			return true
		}
		seen[c] = true
		if look(c.after) {
			return true
		}
		for _, name := range slices.Concat(c.reads, c.notBefore) {
			first, _, _ := strings.Cut(name, ".")
			if look(t.byName[first]) {
				return true
			}
		}
		if c.reference != nil {
			for _, own := range c.reference.matching {
				if look(t.byName[own]) {
					return true
				}
			}
			if c.reference.leader != c.name {
				return look(t.byName[c.reference.leader])
			}
		}
		return false
	}
	return look(c)
}

// copyable tells whether a cell of a parent may stand in a column: a row of the parent is always there, and the table of
// the parent does not hang on this one.
func (t *table) copyable(c *col, p *meaning.Path) bool {
	at := t
	for step := range strings.SplitSeq(p.Reference, ".") {
		by := at.byName[step]
		if by == nil || by.reference == nil || by.reference.parent.standing || !by.reference.parent.filled() || !t.acyclic(by.reference.parent) {
			return false
		}
		at = by.reference.parent
	}
	from := at.byName[p.Column]
	return from != nil && from.schema != nil && len(from.fills) > 0 && (from.nulls == 0 || !c.schema.NotNull)
}

// alone tells whether a row's superior would rarely be found, since next to nobody is at the same place.
func (t *table) alone(c *col) bool {
	if c.reference == nil || c.reference.parent != t || !slices.ContainsFunc(unfolded(c.name), func(w string) bool {
		return slices.Contains([]string{"manager", "supervisor", "boss", "lead", "leader", "superior", "reports"}, w)
	}) {
		return false
	}
	return slices.ContainsFunc(t.columns, func(o *col) bool {
		return o != c && o.reference != nil && o.schema != nil && o.schema.NotNull && o.reference.parent != t && t.total() < 3*o.reference.parent.total()
	})
}

// agreeing adds to a reference that only rows with certain cells are picked.
func agreeing(f *fill, pairs []meaning.Pair) yaml {
	g := f.chosen().Generator
	if !g.open("reference") || g.has("matching", "first") {
		return yaml{}
	}
	var kv []any
	for _, p := range pairs {
		kv = append(kv, p.Column, p.Path)
	}
	return g.with("matching", mapping(kv...))
}

func weighted(weights []meaning.Weight) yaml {
	var kv []any
	for _, w := range weights {
		kv = append(kv, scalar(w.Value), w.Weight)
	}
	return call("pick", "weights", mapping(kv...))
}

// late gives rows that were made in the last months values by weights of their own.
func (t *table) late(k *meaning.Claim) yaml {
	month, _, _ := strings.Cut(lastDay, "-12-31")
	of := t.virtual(k.Since+" is of late", short("expression", quote("year("+meaning.Cell(k.Since)+") >= "+month+" and month("+meaning.Cell(k.Since)+") > 11")), "whether the row was made in the last weeks")
	if v := t.byName[of]; len(v.reads) == 0 {
		v.reads = []string{k.Since}
	}
	return call("switch", "on", of, "cases", mapping("true", weighted(k.Late)), "else", weighted(k.Weights))
}

// conditioned lets the cells of a generator be there in some rows alone.
func conditioned(g yaml, w *meaning.When) yaml {
	if g.shape != mappingOf || g.has("per_parent") || g.is("switch") {
		return yaml{}
	}
	return g.beside("when", quote(w.Expression()))
}

// checkedWithOthers tells whether a check reads the column beside others.
func (t *table) checkedWithOthers(c *col) bool {
	return slices.ContainsFunc(t.schema.Checks, func(k *schema.Check) bool { return len(k.Columns) > 1 && slices.Contains(k.Columns, c.name) })
}

// when makes a cell in the rows in which something is so, and null in others.
func (t *table) when(c *col, f *fill, w *meaning.When) yaml {
	g := f.chosen().Generator
	if c.reference != nil || g.isNull() {
		return yaml{}
	}
	if after := t.byName[w.After]; after != nil && after != c && comparable(after, c) && !t.reaches(after, c) {
		if !c.follows || c.after != after { // what it follows already fits
			s := t.stepFrom(after, c, t.rankAt(c))
			if w.Least != "" {
				s = step{w.Least, w.Most}
			}
			if c.kind() == column.Date && (strings.HasSuffix(s.least, "h") || strings.HasSuffix(s.least, "m")) {
				s.least = "0s"
			}
			g = t.offset(c, after.name, s.least, s.most)
		}
		c.after, c.follows = after, true
	} else if c.follows && c.after != nil && c.after.nulls > 0 {
		g = f.candidates[min(f.at+1, len(f.candidates)-1)].Generator
		c.after, c.follows = nil, false
	}
	if w.Above || w.None {
		return conditioned(g, w)
	}
	if len(w.Values) == 0 { // where another cell is
		on := t.byName[w.On]
		if t.isMoment(c) && t.isMoment(on) && !w.Absent && t.behind(c, on) { // none without it
			return g
		}
		if w.Absent {
			name := t.virtual(on.name+" is missing", short("expression", quote("cell("+quote(on.name).String()+") == nil")), "whether there is no "+on.name)
			return call("switch", "on", name, "cases", mapping("true", g))
		}
		name := t.virtual(on.name+" is there", short("expression", quote("cell("+quote(on.name).String()+") != nil")), "whether there is "+on.name)
		return call("switch", "on", name, "cases", mapping("true", g))
	}
	var cases []any
	for _, v := range w.Values {
		cases = append(cases, v, g)
	}
	return call("switch", "on", w.On, "cases", mapping(cases...))
}

func (t *table) rankAt(c *col) int {
	rank, _ := t.rank(c)
	return rank
}

// virtual adds a column that is not written, which others read, and gives its name.
func (t *table) virtual(name string, g yaml, reason string) string {
	if t.byName[name] == nil {
		c := &col{table: t, name: name, virtual: true, helps: true, fills: []*fill{{candidates: []Candidate{{Generator: g, Reason: reason, Confidence: 1, exact: true}}}}}
		t.columns = append(t.columns, c)
		t.byName[name] = c
	}
	return name
}

// part makes hundredths of what an expression gives.
func (t *table) part(c *col, p *meaning.Part) func(*fill) yaml {
	drawn := call("integer", "min", p.Least, "max", p.Most)
	if len(p.Shares) > 0 {
		drawn = short("pick", list(p.Shares))
	}
	share := t.virtual(c.name+" share", drawn, "how many hundredths "+c.name+" is")
	return func(*fill) yaml {
		expr := "(" + p.Of + ") * cell(" + quote(share).String() + ")"
		switch c.kind() {
		case column.Int:
			if expr = "floor(" + expr + " / 100)"; p.Least > 0 && p.Most <= 100 && p.Unless == "" && !strings.Contains(p.Of, "?") {
				expr = "min(" + p.Of + ", max(1, " + expr + "))"
			}
		case column.Decimal:
			expr = "round(" + expr + " * 0.01, " + itoa(c.schema.Type.Scale) + ")"
		default:
			expr = "round(" + expr + " / 100, 2)"
		}
		return short("expression", quote(p.Unless+expr))
	}
}

// above makes a number from a lower one: between it and an upper one, or as far above as the column's own numbers reach.
func (t *table) above(c *col, k *meaning.Claim) func(*fill) yaml {
	share := t.virtual(c.name+" share", call("integer", "min", k.Above.Least, "max", k.Above.Most), "how far "+c.name+" lies above "+k.Reads[0])
	low := k.Above.Of
	return func(f *fill) yaml {
		by := "cell(" + quote(share).String() + ")"
		expr := ""
		if len(k.Reads) > 1 {
			expr = low + " + (cell(" + quote(k.Reads[1]).String() + ") - " + low + ") * " + by
		} else {
			top := f.chosen().Generator.within("max").str()
			if strings.Trim(top, "0123456789.") != "" {
				return yaml{}
			}
			expr = low + " + " + top + " * " + by
		}
		switch c.kind() {
		case column.Int:
			if len(k.Reads) == 1 {
				return short("expression", quote("floor("+expr+" / 100) + 1"))
			}
			return short("expression", quote(low+" + floor((cell("+quote(k.Reads[1]).String()+") - "+low+") * "+by+" / 100)"))
		case column.Decimal:
			if len(k.Reads) == 1 {
				return short("expression", quote("round("+expr+" * 0.01, "+itoa(c.schema.Type.Scale)+")"))
			}
			return short("expression", quote("round("+low+" + (cell("+quote(k.Reads[1]).String()+") - "+low+") * "+by+" * 0.01, "+itoa(c.schema.Type.Scale)+")"))
		}
		return short("expression", quote(low+" + ("+strings.TrimPrefix(expr, low+" + ")+") / 100"))
	}
}

// prose writes what people write. What it is about is left out where nobody can look it up.
func (t *table) prose(p *meaning.Prose) yaml {
	args := []any{"genre", p.Genre}
	for _, x := range [][2]string{{"of", p.Of}, {"by", p.By}} {
		by, cell, far := strings.Cut(x[1], ".")
		if x[1] == "" || far && !t.copyable(&col{schema: &schema.Column{}}, &meaning.Path{Reference: by, Column: cell}) || x[0] == "of" && !far && t.byName[by].nulls > 0.5 {
			continue
		}
		args = append(args, x[0], x[1])
	}
	if p.Group != "" {
		args = append(args, "group", p.Group)
	}
	if p.Most > 1 {
		args = append(args, "sentences", mapping("min", max(p.Least, 1), "max", p.Most))
	}
	return call("prose", args...)
}
