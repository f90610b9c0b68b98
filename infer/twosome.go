package infer

import (
	"slices"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
)

// twosome are two columns of which a unique wants pairs.
type twosome struct {
	left, right string
	ordered     bool // (1, 2) is another pair than (2, 1)
	equal       bool // both may be the same
}

// twosomes settles the uniques that want pairs: over the lesser and the greater of two columns, or over two references to
// one parent that a check holds apart, or in order.
func (t *table) twosomes() {
	if t.unpaired {
		return
	}
	list := t.uniques()
	if pk := t.schema.PrimaryKey; pk != nil && !slices.ContainsFunc(list, func(u *schema.Unique) bool { return u.Primary }) {
		list = append(slices.Clone(list), pk)
	}
	for _, u := range list {
		if slices.Contains(t.denied, u) {
			continue
		}
		columns, p := t.twosomeOf(u)
		if p == nil || slices.ContainsFunc(columns, func(n string) bool { return t.byName[n] == nil || t.byName[n].given }) {
			continue
		}
		if t.pairless(p) {
			continue
		}
		t.unique = append(t.unique, uniqueSet{columns: columns, index: u, pair: p})
	}
}

// pairless tells whether no pair of two can be, and rows may do without: with one row of the parent, a null is distinct.
func (t *table) pairless(p *twosome) bool {
	if p.equal || !t.byName[p.left].nullable() && !t.byName[p.right].nullable() {
		return false
	}
	for _, fk := range t.foreignKeys() {
		if parent := t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)]; parent != nil && slices.Contains(fk.Columns, p.left) {
			return parent.filled() && parent.rows < 2
		}
	}
	return false
}

func (t *table) twosomeOf(u *schema.Unique) (columns []string, p *twosome) {
	if len(u.Columns) > 0 {
		for i, a := range u.Columns {
			for _, b := range u.Columns[:i] {
				if p := t.heldApart(b, a); p != nil {
					return u.Columns, p
				}
			}
		}
		return nil, nil
	}
	var all []check.Expr
	for _, e := range u.Expressions {
		x, err := t.parse(e)
		if err != nil {
			return nil, nil
		}
		all = append(all, x)
	}
	pair, others, ok := check.Unordered(all)
	if !ok || t.schema.Column(pair[0]) == nil || t.schema.Column(pair[1]) == nil {
		return nil, nil
	}
	t.ofExpressions(u)
	p = &twosome{left: pair[0], right: pair[1], equal: true}
	for i := range t.branches {
		if t.related(&t.branches[i], p.left, p.right, "<", "<>") {
			p.equal = false
		}
	}
	return append(pair[:], others...), p
}

// heldApart gives the pair of two references to one parent that a check holds apart, or in order, in every row; nil where
// none does.
func (t *table) heldApart(a, b string) *twosome {
	if !t.sameParents(a, b) {
		return nil
	}
	p := &twosome{left: a, right: b}
	for i := range t.branches {
		switch br := &t.branches[i]; {
		case t.related(br, a, b, "<"):
		case t.related(br, a, b, "<="):
			p.equal = true
		case t.related(br, a, b, "<>"):
			p.ordered = true
		default:
			return nil
		}
	}
	p.equal = p.equal && !p.ordered
	return p
}

// related tells whether the rows of a branch have two columns in one of some relations.
func (t *table) related(b *branch, x, y string, ops ...string) bool {
	return slices.ContainsFunc(b.Between, func(r check.Relation) bool {
		return r.Offset == "" && slices.Contains(ops, r.Op) && (r.Left == x && r.Right == y || r.Left == y && r.Right == x)
	})
}

// sameParents tells whether two columns refer to the same column of the same parent.
func (t *table) sameParents(a, b string) bool {
	find := func(name string) *schema.ForeignKey {
		for _, fk := range t.foreignKeys() {
			if slices.Contains(fk.Columns, name) {
				return fk
			}
		}
		return nil
	}
	x, y := find(a), find(b)
	return x != nil && y != nil && x != y && t.draft.table(x.RefSchema, x.RefTable) == t.draft.table(y.RefSchema, y.RefTable) &&
		x.RefColumns[slices.Index(x.Columns, a)] == y.RefColumns[slices.Index(y.Columns, b)]
}

// alike lets the columns of pairs have the same generator, and no nulls.
func (t *table) alike() {
	for _, u := range t.unique {
		for _, name := range u.columns {
			if c := t.byName[name]; c != nil && u.classes {
				c.nulls = 0
			}
		}
		if u.pair == nil {
			continue
		}
		left, right := t.byName[u.pair.left], t.byName[u.pair.right]
		left.nulls, right.nulls = 0, 0
		if left.reference != nil || right.reference != nil || left.kind() != right.kind() || len(left.fills) != 1 || len(right.fills) != 1 {
			continue
		}
		right.fills = []*fill{{candidates: slices.Clone(left.fills[0].candidates)}}
	}
}

// keptApart tells whether two columns are a pair of a unique, so that they differ by construction.
func (t *table) keptApart(a, b string) bool {
	return slices.ContainsFunc(t.unique, func(u uniqueSet) bool {
		return u.pair != nil && !u.pair.equal && (u.pair.left == a && u.pair.right == b || u.pair.left == b && u.pair.right == a)
	})
}

// unpair gives up pairs: what is distinct is held otherwise. False where there are none.
func (t *table) unpair() bool {
	if t.unpaired || !slices.ContainsFunc(t.unique, func(u uniqueSet) bool { return u.pair != nil }) {
		return false
	}
	t.unpaired = true
	t.restart()
	return true
}
