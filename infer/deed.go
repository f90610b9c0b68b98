package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/infer/meaning"
)

// deeds lets references lead only to rows in the states in which something can have been done to them.
func (t *table) deeds() {
	if t.spec != nil || t.draft.options.Plain {
		return
	}
	for _, k := range meaning.Deeds(t.draft.read(t)) {
		c := t.byName[k.Column]
		if c == nil || t.unmeant[k.Column] || c.reference == nil || c.inverted != nil || len(c.fills) == 0 || t.inUnique(c) || t.wantsUnique(c) {
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
			in = append(in, string(quote(v)))
		}
		open := p.virtual("open to "+t.name, short("expression", quote(meaning.Cell(k.On)+" in ["+strings.Join(in, ", ")+"]")), "whether "+t.name+" may refer to it")
		p.byName[open].helps = false
		p.byName[open].fills[0].add(Candidate{Generator: "{constant: true}", Reason: "nothing is known of it", Confidence: 0.1, exact: true})
		yes := t.virtual("yes", short("constant", true), "what "+open+" has to be")
		g := matchingToo(f.chosen().Generator, open, yes)
		if g == "" {
			continue
		}
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: k.Says, Confidence: 0.85, exact: f.chosen().exact, copies: f.chosen().copies, meant: true})
		if c.plain == nil {
			c.plain = &plainly{nulls: c.nulls}
		}
		c.reads = append(c.reads, yes)
	}
}

// matchingToo adds to a reference that only rows with a certain cell are picked; "" where it picks otherwise.
func matchingToo(g, column, path string) string {
	body, ok := strings.CutSuffix(g, "}}")
	if !ok || !strings.HasPrefix(body, "{reference: {table: ") || strings.Contains(body, "first:") || strings.Contains(body, "per_parent:") || strings.Contains(body, "differs_for:") {
		return ""
	}
	pair := string(mapping(column, path))
	if !strings.Contains(body, "matching: {") {
		return body + ", matching: " + pair + "}}"
	}
	if body, ok = strings.CutSuffix(body, "}"); !ok {
		return ""
	}
	return body + ", " + strings.TrimPrefix(pair, "{") + "}}"
}
