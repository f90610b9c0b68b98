package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/schema"
)

// Rows that their parents know: what is summed up over them, and their places among those of the same parent. The
// references by which they belong to their parents count rows for each parent then, in place of picking one by one.

// inverted is a reference whose parents know their rows.
type inverted struct {
	least int64 // rows of each parent, if there are enough
	most  int64 // of its rows that one parent has, by what numbers them; 0 for any number
	at    int   // of its candidates
}

// kin gives columns what they mean among the rows of other tables.
func (d *draft) kin() {
	if d.options.Plain {
		return
	}
	d.related = true
	for _, t := range d.tables {
		if t.filled() {
			t.succeed()
		}
	}
	matched := d.matched()
	for _, t := range d.tables {
		if t.filled() {
			t.partners(matched)
		}
	}
	for _, t := range d.tables {
		if t.filled() {
			t.places()
		}
	}
	for _, t := range d.tables {
		if t.filled() {
			t.balances()
			t.sums()
		}
	}
	for _, t := range d.tables {
		if t.filled() {
			t.divided()
		}
	}
	for _, t := range d.tables {
		if t.filled() {
			t.gone()
			t.seen()
			t.room()
		}
	}
	for _, t := range d.tables {
		if t.filled() {
			t.besideOthers()
		}
	}
}

// partners lets each parent have rows where rows are picked that are of the same parent as another one: each user has an
// address, as orders are sent to one of their user's.
func (t *table) partners(matched map[*col]bool) {
	for _, c := range t.columns {
		if r := c.reference; r != nil && len(c.fills) > 0 && r.parent.total() <= t.total() && matched[c] {
			t.invert(c, 1)
		}
	}
}

// kinAgain does so for a table whose columns were chosen anew.
func (t *table) kinAgain() {
	if !t.draft.related {
		return
	}
	for name, least := range t.asked {
		if c := t.byName[name]; c != nil {
			t.invert(c, least)
		}
	}
	t.succeed()
	t.partners(t.draft.matched())
	t.places()
	t.balances()
	t.sums()
	t.divided()
	t.gone()
	t.seen()
	t.room()
	t.besideOthers()
}

// besideOthers lets rows fit those of other tables, once what all of them refer to is settled.
func (t *table) besideOthers() {
	t.deeds()
	t.members()
	t.unlike()
	t.inside()
	t.history()
	t.counter()
	t.awaited()
	t.fitEnds()
}

// places numbers rows among those of their parents.
func (t *table) places() {
	if t.spec != nil {
		return
	}
	var unique [][]string
	for _, u := range t.schema.Uniques {
		if u.Where == "" {
			unique = append(unique, u.Columns)
		}
	}
	if t.schema.PrimaryKey != nil {
		unique = append(unique, t.schema.PrimaryKey.Columns)
	}
	for _, k := range meaning.Places(t.draft.read(t), unique) {
		if c := t.byName[k.Column]; c != nil && k.Place.Value == "one" && !t.unmeant[k.Column] && !t.wantsUnique(c) &&
			!t.fixes(c) && !t.limited(c) && len(t.branches) < 2 {
			t.mean(c, &k)
		} else if c != nil && k.Place.Value != "one" && !t.unmeant[k.Column] && !t.wantsUnique(c) && !t.fixes(c) && (k.Place.Value != "" || t.placesOf(c, t.byName[k.Place.By]) >= 0) && t.invert(t.byName[k.Place.By], atLeast(k.Place.Least)) {
			if k.Place.Value == "" {
				t.atMost(t.byName[k.Place.By], t.placesOf(c, t.byName[k.Place.By]))
			}
			t.mean(c, &k)
			if k.Place.Value == "" && c.plain != nil {
				t.rise(t.byName[k.Place.By])
				t.portions(t.byName[k.Place.By], c.name)
				t.reminds(c)
			}
		}
	}
}

// limited tells whether checks leave a column no more than some values: how many rows a parent has would be limited too.
func (t *table) limited(c *col) bool {
	return slices.ContainsFunc(t.branches, func(b branch) bool {
		d := b.domain(c.name)
		return d != nil && (d.In != nil || d.Max != nil)
	})
}

// aloneAgain gives up what the columns of a table mean among the rows of other tables.
func (t *table) aloneAgain() {
	if t.unmeant == nil {
		t.unmeant = map[string]bool{}
	}
	for _, c := range t.columns {
		t.unmeant[c.name] = true
	}
	t.asked = nil
	t.restart()
}

// sums lets columns sum up what refers to their rows.
func (t *table) sums() {
	if t.spec != nil {
		return
	}
	var children []*meaning.Table
	for _, o := range t.draft.tables { // in the order of their names
		if o != t && o.filled() && o.spec == nil && o.refersTo(t) {
			children = append(children, t.draft.read(o))
		}
	}
	for _, k := range meaning.Sums(t.draft.read(t), children) {
		if c := t.byName[k.Column]; c != nil && !t.unmeant[k.Column] && !t.fixes(c) {
			t.mean(c, &k)
		}
	}
}

// invert lets a reference be one whose parents know their rows; false where it cannot.
func (t *table) invert(c *col, least int64) bool {
	if c == nil || t.spec != nil || t.unmeant[c.name] || t.total() == 0 {
		return false
	}
	if c.inverted != nil {
		c.inverted.least = max(c.inverted.least, least)
		t.asked[c.name] = c.inverted.least
		return true
	}
	if len(c.fills) == 0 || t.looked(c) {
		return false
	}
	r, f := c.reference, c.shared()
	if r == nil || f == nil || c.given || r.leader != c.name || len(r.key.Columns) > 1 || len(r.matching) > 0 || r.parent == t || t.wantsUnique(c) {
		return false
	}
	if !r.parent.filled() || r.parent.spec != nil {
		return false
	}
	g := f.chosen().Generator
	if !g.open("reference") || g.has("matching", "first") {
		return false
	}
	c.inverted = &inverted{least: least, at: f.at}
	if t.asked == nil {
		t.asked = map[string]int64{}
	}
	t.asked[c.name] = c.inverted.least
	k := Candidate{Generator: t.counted(c), Reason: f.chosen().Reason + "; " + r.parent.name + " knows its rows", Confidence: 0.9, exact: true, copies: true, meant: true}
	f.candidates = slices.Insert(f.candidates, f.at, k)
	if c.plain == nil {
		c.plain = &plainly{nulls: c.nulls}
	}
	c.nulls = 0
	t.apart(c)
	return true
}

// atLeast is the number of rows that each parent has where it has some.
func atLeast(one bool) int64 {
	if one {
		return 1
	}
	return 0
}

// apart lets the rows of one parent refer to different rows by another reference, where the two of them are unique
// together.
func (t *table) apart(by *col) {
	for _, u := range t.schema.Uniques {
		at := slices.Index(u.Columns, by.name)
		if len(u.Columns) != 2 || at < 0 || u.Where != "" {
			continue
		}
		c := t.byName[u.Columns[1-at]]
		if c == nil || c.reference == nil || len(c.fills) == 0 || c.shared() == nil || c.inverted != nil || t.unmeant[c.name] {
			continue
		}
		if r := c.reference; r.leader != c.name || len(r.matching) > 0 || len(r.key.Columns) > 1 || r.parent == t {
			continue
		}
		f := c.shared()
		if g := f.chosen().Generator; !g.is("reference") || g.has("first", "differs_for") {
			continue
		}
		g := call("reference", "table", c.reference.parent.name, "column", c.reference.key.RefColumns[0], "differs_for", by.name)
		k := Candidate{Generator: g,
			Reason: f.chosen().Reason + "; another one for each row of one " + by.name, Confidence: 0.9, exact: true, copies: true, meant: true}
		f.candidates = slices.Insert(f.candidates, f.at, k)
		if c.plain == nil {
			c.plain = &plainly{nulls: c.nulls}
		}
		c.nulls = 0
	}
}

// rise lets the moments of rows rise with their numbers: those that are reached through the parent are all that they
// follow.
func (t *table) rise(by *col) {
	for _, c := range t.columns {
		if c.schema == nil || c.kind() != column.Timestamp && c.kind() != column.Date || c.follows || len(c.fills) == 0 || c.shared() == nil {
			continue
		}
		if c.reference != nil || !c.schema.NotNull || t.wantsUnique(c) || t.unmeant[c.name] {
			continue
		}
		name := "timestamp"
		if c.kind() == column.Date {
			name = "date"
		}
		f := c.shared()
		g := f.chosen().Generator
		if !g.is(name) || g.has("step", "rising") {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(c.notBefore), func(p string) bool { return !strings.HasPrefix(p, by.name+".") })
		k := Candidate{Generator: g.first("rising", by.name),
			Reason: f.chosen().Reason + "; later ones have higher numbers among the rows of one " + by.name, Confidence: 0.85,
			exact: f.chosen().exact, copies: f.chosen().copies, meant: true}
		f.candidates = slices.Insert(f.candidates, f.at, k)
		if c.plain == nil {
			c.plain = &plainly{nulls: c.nulls}
		}
		c.notBefore = rest
		return
	}
}

// matched gives the columns by whose parents rows of other tables are picked: each parent has one then. What matches another
// row of the table itself finds that one.
func (d *draft) matched() map[*col]bool {
	out := map[*col]bool{}
	for _, o := range d.tables {
		for _, x := range o.columns {
			if x.reference == nil || x.reference.parent == o || len(x.fills) == 0 {
				continue
			}
			t := x.reference.parent
			for _, name := range x.fills[0].chosen().Generator.arg("matching").keys() {
				through, over := o.byName[x.reference.matching[name]].copied()
				if through == nil || through.reference.parent != t || over != name {
					out[t.byName[name]] = true
				}
			}
		}
	}
	return out
}

// counted is a reference with so many rows for each parent.
func (t *table) counted(c *col) yaml {
	parents, least := max(c.reference.parent.total(), 1), int64(0)
	rows := t.total()
	if c.inverted.least > 0 && rows >= parents && (rows >= 2*parents || !t.pairsWithin(c)) {
		least = min(c.inverted.least, rows/parents)
	}
	most := 3*((rows+parents-1)/parents) + 2
	if most > rows {
		most = max(rows, 1)
	}
	if c.inverted.most > 0 {
		most = min(most, c.inverted.most)
	}
	per := mapping("min", least, "max", most)
	if t.adjacent == c.name {
		per = per.set("together", true)
	}
	return call("reference", "table", c.reference.parent.name, "column", c.reference.key.RefColumns[0], "per_parent", per)
}

// pairsWithin tells whether two keys of another table's have to refer to different rows of one parent: some parents have two
// rows then, rather than each one.
func (t *table) pairsWithin(c *col) bool {
	return slices.ContainsFunc(t.draft.referring(t.schema), func(o *table) bool {
		keys := slices.DeleteFunc(o.foreignKeys(), func(fk *schema.ForeignKey) bool {
			return len(fk.Columns) != 2 || t.draft.table(fk.RefSchema, fk.RefTable) != t.schema || !slices.Contains(fk.RefColumns, c.name)
		})
		at := func(i int) int { return slices.Index(keys[i].RefColumns, c.name) }
		return len(keys) == 2 && keys[0].Columns[at(0)] == keys[1].Columns[at(1)] && o.heldApart(keys[0].Columns[1-at(0)], keys[1].Columns[1-at(1)]) != nil
	})
}

// total is the number of a table's rows.
func (t *table) total() int64 {
	if len(t.branches) < 2 {
		return t.rows
	}
	n := int64(0)
	for i := range t.branches {
		n += t.branches[i].rows
	}
	return n
}

// refit writes the numbers of rows for each parent anew, once tables have other numbers of rows.
func (d *draft) refit() {
	for _, t := range d.tables {
		for _, c := range t.columns {
			if c.inverted != nil && len(c.fills) > 0 && c.fills[0].at == c.inverted.at {
				c.fills[0].chosen().Generator = t.counted(c)
			}
		}
	}
}

// combined are what sums up sums over several levels.
var combined = map[string]string{"count": "sum", "sum": "sum", "min": "min", "max": "max", "any": "any"}

// summed makes what a column sums up of the rows of another table.
func (t *table) summed(k *meaning.Kin, c *col) (yaml, bool) {
	child := t.draft.named2(k.Child.Name)
	for of, m := range t.draft.reads {
		if m == k.Child {
			child = of
		}
	}
	if child == nil {
		return yaml{}, false
	}
	by := child.byName[k.By]
	if by == nil {
		return yaml{}, false
	}
	var args []any
	switch through, over := by.copied(); {
	case child.invert(by, atLeast(k.Least)):
		args = []any{"of", child.name, "by", by.name}
		if k.Cell != "" {
			args = append(args, k.Op, quote(k.Cell))
		}
		where := k.Where
		if b := child.balance; k.Op == "sum" && b != nil && b.by == by.name && b.cancels(k.Cell) { // what is moved
			where = k.Cell + " > 0"
		}
		if where != "" {
			args = append(args, "where", quote(where))
		}
	case through != nil && combined[k.Op] != "":
		mid := through.reference.parent
		inner := *k
		inner.By = through.name
		made, ok := mid.summed(&inner, nil)
		if !ok || mid == t {
			return yaml{}, false
		}
		name := mid.virtual(strings.Join(strings.Fields(child.name+" "+k.Op+" "+k.Cell), " "), made, "what "+t.name+" sums up")
		v := mid.byName[name]
		v.helps = false
		v.fills[0].add(Candidate{Generator: short("constant", 0), Reason: "nothing is known of it", Confidence: 0.1, exact: true})
		if !mid.invert(mid.byName[over], 0) {
			return yaml{}, false
		}
		args = []any{"of", mid.name, "by", over, combined[k.Op], quote(name)}
	default:
		return yaml{}, false
	}
	if c != nil && c.schema.NotNull && slices.Contains([]string{"avg", "min", "max", "first", "last"}, k.Op) {
		if c.kind() == column.Timestamp || c.kind() == column.Date {
			if !k.Least {
				return yaml{}, false
			}
		} else {
			args = append(args, "empty", 0)
		}
	}
	return call("aggregate", args...), true
}

// copied tells through which reference a column is a copy, and of which column there.
func (c *col) copied() (through *col, over string) {
	if c == nil || len(c.fills) == 0 || c.shared() == nil {
		return nil, ""
	}
	f := c.shared()
	if !f.chosen().Generator.is("cell") {
		return nil, ""
	}
	first, rest, ok := strings.Cut(f.chosen().Generator.argument().str(), ".")
	through = c.table.byName[first]
	if !ok || through == nil || through.reference == nil || !through.reference.parent.filled() || through.reference.parent.byName[rest] == nil {
		return nil, ""
	}
	return through, rest
}

// placed makes a column that says where a row stands among those of its parent.
func (t *table) placed(c *col, p *meaning.Place) yaml {
	if p.Value == "" {
		return short("ordinal", p.By)
	}
	if p.Value == "one" {
		return call("quota", "counts", mapping(raw("true"), 1), "rest", false)
	}
	place := t.placeOf(p.By)
	at := "cell(" + quote(place).String() + ")"
	switch p.Value {
	case "first":
		return short("expression", quote(at+" == 1"))
	case "last":
		up := t.byName[p.By].reference.parent
		name := up.inAll(t, t.byName[p.By])
		return short("expression", quote(at+" == "+meaning.Cell(p.By)+"."+name))
	}
	var others []any
	for _, v := range t.draft.read(t).Column(c.name).Values {
		if v != p.Value {
			others = append(others, v)
		}
	}
	if len(others) == 0 {
		return yaml{}
	}
	first := t.virtual(p.By+" first", short("expression", quote(at+" == 1")), "whether it is the first row of its "+p.By)
	return call("switch", "on", first, "cases", mapping("true", call("constant", "value", p.Value)), "else", short("pick", list(others)))
}

// placeOf gives the column that numbers the rows of each parent.
func (t *table) placeOf(by string) string {
	for _, c := range t.columns {
		if len(c.fills) == 0 {
			continue
		}
		if f := c.shared(); f != nil && f.chosen().Generator.equal(short("ordinal", by)) {
			return c.name
		}
	}
	return t.virtual(by+" place", short("ordinal", by), "the place among the rows of its "+by)
}

// plainRune keeps a name's letters and digits.
func plainRune(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}
