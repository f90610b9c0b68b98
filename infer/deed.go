package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
)

// deeds lets references lead only to rows in the states in which something can have been done to them.
func (t *table) deeds() {
	if t.spec != nil || t.draft.options.Plain {
		return
	}
	for _, k := range meaning.Deeds(t.draft.read(t)) {
		c := t.byName[k.Column]
		if c == nil || t.unmeant[k.Column] || c.reference == nil || len(c.fills) == 0 || t.wantsUnique(c) {
			continue
		}
		if c.inverted != nil {
			if t.known(c, &k) {
				t.begin(c, &k)
			}
			continue
		}
		p, f := c.reference.parent, c.shared()
		if p.standing || !p.filled() || p.spec != nil || f == nil || c.given || c.reference.leader != c.name || len(c.reference.key.Columns) > 1 || !t.acyclic(p) {
			continue
		}
		if on := p.byName[k.On]; on == nil || len(on.fills) == 0 {
			continue
		}
		var in []string
		for _, v := range k.Values {
			in = append(in, quote(v).String())
		}
		open := p.virtual("open to "+t.name, short("expression", quote(meaning.Cell(k.On)+" in ["+strings.Join(in, ", ")+"]")), "whether "+t.name+" may refer to it")
		p.byName[open].helps = false
		p.byName[open].fills[0].add(Candidate{Generator: short("constant", true), Reason: "nothing is known of it", Confidence: 0.1, exact: true})
		yes := t.virtual("yes", short("constant", true), "what "+open+" has to be")
		g := matchingToo(f.chosen().Generator, open, yes)
		if !g.exists() {
			continue
		}
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: k.Says, Confidence: 0.85, exact: f.chosen().exact, copies: f.chosen().copies, meant: true})
		if c.plain == nil {
			c.plain = &plainly{nulls: c.nulls}
		}
		c.reads = append(c.reads, yes)
		t.begin(c, &k)
	}
}

// known lets rows that know what was done to them be in a state in which it can have been: an article with comments is
// published.
func (t *table) known(c *col, k *meaning.Deed) bool {
	p := c.reference.parent
	on := p.byName[k.On]
	if on == nil || len(on.fills) != 1 || p.unmeant[k.On] || p.fixes(on) || on.plain == nil {
		return false
	}
	f := on.shared()
	g := f.chosen().Generator
	states := g
	if later := g.arg("else"); g.is("switch") && later.exists() { // but for rows made of late
		states = later
	}
	if !states.open("pick") {
		return false
	}
	var open []any
	for _, p := range states.arg("weights").pairs() {
		if slices.Contains(k.Values, p.key.str()) {
			open = append(open, p.key, p.value)
		}
	}
	if len(open) == 0 {
		return false
	}
	number := p.inAll(t, c)
	has := p.virtual("has "+t.name, short("expression", quote(meaning.Cell(number)+" > 0")), "whether it has rows of "+t.name)
	made := call("switch", "on", has, "cases", mapping("true", call("pick", "weights", mapping(open...))), "else", g)
	f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: made, Reason: f.chosen().Reason + "; what " + t.name + " are of is " + strings.Join(k.Values, " or "), Confidence: 0.85, exact: f.chosen().exact, copies: true, meant: true})
	on.reads = append(on.reads, has)
	return true
}

// inAll gives the column of a parent that counts the rows of another table which refer to it.
func (t *table) inAll(of *table, by *col) string {
	name := t.virtual(strings.Map(plainRune, of.name)+"_in_all", call("aggregate", "of", of.name, "by", by.name), "how many rows of "+of.name+" it has")
	v := t.byName[name]
	if v.helps = false; len(v.fills[0].candidates) == 1 {
		v.fills[0].add(Candidate{Generator: short("constant", 1), Reason: "nothing is known of them", Confidence: 0.1, exact: true})
	}
	return name
}

// begin lets what is done come some time after the parent came to the state in which it can be done.
func (t *table) begin(c *col, k *meaning.Deed) {
	p := c.reference.parent
	since, made := p.byName[k.Since], p.beginning()
	at := t.beginning()
	if since == nil || made == nil || at == nil || at == c || len(at.fills) != 1 || at.kind() != column.Timestamp || since.kind() != column.Timestamp || made.kind() != column.Timestamp || t.unmeant[at.name] {
		return
	}
	f := at.shared()
	if g := f.chosen().Generator; !g.ranges("timestamp") || g.has("step") {
		return
	}
	from := t.virtual("open since", short("expression", quote("coalesce("+meaning.Cell(c.name)+"."+since.name+", "+meaning.Cell(c.name)+"."+made.name+")")), "when the row of "+c.name+" came to that")
	f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: call("offset", "from", from, "min", quote("1m"), "max", quote("90d")),
		Reason: "it comes after " + p.name + "." + since.name, Confidence: 0.85, exact: true, copies: true, meant: true})
	if at.plain == nil {
		at.plain = &plainly{nulls: at.nulls}
	}
	at.reads = append(at.reads, from)
	t.byName[from].reads = []string{c.name}
}

// matchingToo adds to a reference that only rows with a certain cell are picked; nothing where it picks otherwise.
func matchingToo(g yaml, column, path string) yaml {
	if !g.open("reference") || g.has("first", "per_parent", "differs_for") {
		return yaml{}
	}
	return g.with("matching", g.arg("matching").set(column, path))
}
