package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/schema"
)

// Moments that a column holds as a number or as a text: seconds since 1970, "2024-05-01 10:00:00". Beside such a column
// stands a hidden one of moments, of the same words, which takes part in all that moments do: it comes after what was
// before, it is there in the states that it belongs to. The column itself only writes it in its own form.

// instants gives columns that hold moments in other forms a hidden one of moments.
func (t *table) instants() {
	if t.draft.options.Plain {
		return
	}
	for _, c := range slices.Clone(t.columns) {
		kind, form := t.formOf(c)
		if form == "" {
			continue
		}
		sc := *c.schema
		sc.Name = instantOf(c.name)
		sc.Type = schema.Type{Kind: kind, Name: "timestamp", Base: "timestamp", Scale: 6}
		switch kind {
		case column.Date:
			sc.Type = schema.Type{Kind: kind, Name: "date", Base: "date"}
		case column.Bool:
			sc.Type = schema.Type{Kind: kind, Name: "boolean", Base: "bool"}
		}
		v := &col{table: t, name: sc.Name, schema: &sc, virtual: true}
		f := t.choices(&sc, nil, false)
		if len(f.candidates) == 0 || t.byName[v.name] != nil {
			continue
		}
		for range t.branches {
			v.fills = append(v.fills, f)
		}
		t.columns, t.byName[v.name] = append(t.columns, v), v
		if c.nulls > 0 {
			if v.nulls = nullShare(v); v.defaultsToNow() {
				v.nulls = 0
			}
		}
		if t.unmeant[c.name] {
			continue
		}
		g := c.shared()
		g.candidates = slices.Insert(g.candidates, g.at, Candidate{Generator: short("expression", quote(strings.ReplaceAll(form, "$", meaning.Cell(v.name)))),
			Reason: g.chosen().Reason, Confidence: g.chosen().Confidence, copies: true, meant: true})
		if c.plain == nil {
			c.plain = &plainly{nulls: c.nulls}
		}
		c.nulls, c.reads = 0, append(c.reads, v.name)
	}
}

// instantOf is the name of the hidden column of moments beside one that holds them in another form.
func instantOf(name string) string { return name + "'" }

// flagged tells whether a column of numbers is a switch: one by its name that holds 0 and 1.
func (t *table) flagged(c *col) bool {
	if values := legal(c.schema, or(t.branches[0].domain(c.name))); len(values) > 0 {
		w := t.wordsOf(c.name)
		if meaning.Status(w) || len(w) > 0 && slices.Contains([]string{"order", "level", "position", "number", "count", "kind", "type", "version", "priority", "mode", "rank", "sort", "value", "quantity", "sex", "gender"}, w[len(w)-1]) {
			return false
		}
		return len(t.branches) == 1 && len(values) == 2 && slices.Contains(values, "0") && slices.Contains(values, "1")
	}
	g := c.shared().chosen().Generator
	w := t.wordsOf(c.name)
	return g.is("integer") && g.arg("min").str() == "0" && g.arg("max").str() == "1" && !t.bound(c) && len(w) > 0 && slices.Contains([]string{"is", "has", "was", "can"}, w[0])
}

// formOf tells which kind of moments a column holds in another form, and the expression that writes one, $ in the place of
// its cell; "" where it holds none.
func (t *table) formOf(c *col) (column.Kind, string) {
	if c.schema == nil || c.virtual || c.given || c.reference != nil || c.slot || t.inUnique(c) || t.wantsUnique(c) || len(c.fills) == 0 || c.shared() == nil || c.after != nil {
		return 0, ""
	}
	if c.kind() == column.Int && t.flagged(c) {
		return column.Bool, "$ == nil ? nil : $ ? 1 : 0"
	}
	if slices.ContainsFunc(t.branches, func(b branch) bool { d := b.domain(c.name); return d != nil && (d.In != nil || len(d.Patterns) > 0) }) {
		return 0, ""
	}
	switch k := c.shared().chosen(); {
	case c.kind() == column.Int && strings.HasSuffix(k.Reason, sinceEpoch):
		return column.Timestamp, "epoch($)"
	case c.kind() == column.Int && strings.HasSuffix(k.Reason, millisSinceEpoch):
		return column.Timestamp, "epoch($) * 1000"
	case c.kind() != column.Text:
	case strings.HasSuffix(k.Reason, aMomentAsText) && (t.draft.db.Dialect == "sqlite" || c.defaultCalls("current_timestamp")):
		return column.Timestamp, "format($, \"YYYY-MM-DD HH24:MI:SS\")"
	case strings.HasSuffix(k.Reason, aMomentAsText):
		return column.Timestamp, "concat(format($, \"YYYY-MM-DD\"), \"T\", format($, \"HH24:MI:SS\"), \"Z\")"
	case strings.HasSuffix(k.Reason, aDayAsText):
		return column.Date, "format($, \"YYYY-MM-DD\")"
	}
	return 0, ""
}
