package check

import (
	"maps"
	"slices"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// state is a Case in the making.
type state struct {
	cols    map[string]*colState
	between []Relation
	equal   []Equation
	rest    []lit
}

type colState struct {
	of    *state // whose it is to change: states that are cloned from it copy it first
	dom   Domain
	lits  []lit // all conditions that read this column alone
	loose []lit // those of them that dom does not imply
}

// clone gives a state of its own, which shares columns with st for as long as it does not change them: st is to stay as it
// is from then on.
func (st *state) clone() *state {
	return &state{cols: maps.Clone(st.cols), between: slices.Clone(st.between), equal: slices.Clone(st.equal), rest: slices.Clone(st.rest)}
}

// own gives a column of a state for changes.
func (c *colState) own(st *state, name string) *colState {
	if c.of != st {
		d := *c
		d.of, d.lits, d.loose = st, slices.Clone(c.lits), slices.Clone(c.loose)
		d.dom.Patterns = slices.Clone(c.dom.Patterns)
		d.dom.NotIn = slices.Clone(c.dom.NotIn)
		d.dom.Members = slices.Clone(c.dom.Members)
		c, st.cols[name] = &d, &d
	}
	return c
}

func (s *solver) applyAll(st *state, way []lit) bool {
	for _, l := range way {
		if !s.apply(st, l) {
			return false
		}
	}
	return true
}

// col gives the state of a column, for changes.
func (s *solver) col(st *state, name string) *colState {
	c := st.cols[name]
	if c == nil {
		c = &colState{of: st}
		if sc := s.table.Column(name); sc != nil && sc.NotNull {
			c.dom.Null = NotNull
		}
		st.cols[name] = c
	}
	return c.own(st, name)
}

// setNull settles whether a column is null; false is a contradiction.
func (c *colState) setNull(n Null) bool {
	if c.dom.Null != Either && c.dom.Null != n {
		return false
	}
	c.dom.Null = n
	return true
}

// apply adds a condition to a state. It gives false where nothing can satisfy both.
func (s *solver) apply(st *state, l lit) bool {
	cols := Columns(l.e)
	for _, name := range cols {
		if s.table.Column(name) == nil {
			st.rest = append(st.rest, l)
			return true
		}
	}
	switch len(cols) {
	case 0:
		t, ok := s.constantTruth(l.e)
		if !ok {
			st.rest = append(st.rest, l)
			return true
		}
		return l.s.holds(t)
	case 1:
		return s.unary(st, cols[0], l)
	}
	if ok, handled := s.relate(st, l); handled {
		return ok
	}
	st.rest = append(st.rest, l)
	return true
}

// unary adds a condition that reads one column.
func (s *solver) unary(st *state, name string, l lit) bool {
	c := s.col(st, name)
	if n, ok := l.e.(*NullTest); ok {
		if _, ok := n.X.(*ColumnRef); ok {
			if n.Not == l.s.positive() {
				return c.setNull(NotNull)
			}
			return c.setNull(IsNull)
		}
	}
	if slices.ContainsFunc(c.lits, func(o lit) bool { return o.s == l.s && o.e.String() == l.e.String() }) {
		return true
	}
	p := s.program(l.e)
	if p == nil {
		s.textBound(&c.dom, name, l)
		if t := s.typeOf(name); t.kind == kJSON || t.kind == kJSONB { // what it asks of the document can be read, if not evaluated
			was := c.dom
			if s.narrow(&c.dom, name, l) != told {
				c.dom = was
			}
		}
		st.rest = append(st.rest, l)
		return true
	}
	if t, err := s.evalCell(p, name, nil); err != nil || !l.s.holds(t) {
		if !c.setNull(NotNull) {
			return false
		}
	} else if c.dom.Null == IsNull {
		return true
	}
	c.lits = append(c.lits, l)
	switch s.narrow(&c.dom, name, l) {
	case contradicts:
		return c.setNull(IsNull)
	case notTold:
		c.loose = append(c.loose, l)
	}
	return true
}

// evalCell evaluates a condition over one column for a value, or null.
func (s *solver) evalCell(p *Program, name string, v *string) (Truth, error) {
	sc := s.table.Column(name)
	vec, err := cellOf(s.typeOf(name), sc, v)
	if err != nil {
		return Unknown, err
	}
	in := make([]*column.Vec, len(p.Columns))
	for i := range in {
		in[i] = vec
	}
	return p.Evaluator().Eval(in, 0)
}

// cellOf makes a Vec of one cell of a text form.
func cellOf(t *typ, sc *schema.Column, v *string) (*column.Vec, error) {
	vec := new(column.Vec)
	vec.Reset(sc.Type.Kind)
	if v == nil {
		vec.AppendNull()
		return vec, nil
	}
	if sc.Type.Kind.Variable() && sc.Type.Kind != column.Bytes {
		vec.AppendString(*v)
		return vec, nil
	}
	x, err := t.input(*v)
	if err != nil {
		return nil, err
	}
	switch sc.Type.Kind {
	case column.Bytes:
		vec.AppendBytes(x.b)
	case column.UUID:
		vec.AppendUUID([16]byte(x.b))
	case column.Float:
		vec.AppendFloat(x.float())
	default:
		if x.x != nil {
			return nil, errRange
		}
		vec.Scale = x.scale
		vec.AppendInt(x.n)
	}
	return vec, nil
}

// settled gives the only value that a state leaves to a column: null, or a text form.
func (st *state) settled(name string) (v *string, ok bool) {
	c := st.cols[name]
	switch {
	case c == nil:
	case c.dom.Null == IsNull:
		return nil, true
	case c.dom.Null == NotNull && len(c.dom.In) == 1:
		return &c.dom.In[0], true
	}
	return nil, false
}

// finish settles what hangs together: lists of values are filtered, columns that can only have one value are put into
// the conditions over several. It gives false where nothing satisfies the state.
func (s *solver) finish(st *state) bool {
	for range 4 {
		for name, c := range st.cols {
			if !s.filter(name, c.own(st, name)) {
				return false
			}
		}
		rest, changed := st.rest, false
		st.rest = nil
		for _, l := range rest {
			e := l.e
			for _, name := range Columns(e) {
				if v, ok := st.settled(name); ok {
					e = s.fixed(e, name, v)
				}
			}
			if e == l.e || len(Columns(e)) == len(Columns(l.e)) {
				st.rest = append(st.rest, l)
				continue
			}
			if t, ok := s.constantTruth(e); ok {
				changed = true
				if !l.s.holds(t) {
					return false
				}
				continue
			}
			changed = true
			if !s.apply(st, lit{e, l.s, l.from}) {
				return false
			}
		}
		var between []Relation
		for _, r := range st.between { // a null in one of them satisfies it
			if st.null(r.Left) || st.null(r.Right) {
				continue
			}
			a, ok1 := st.settled(r.Left)
			b, ok2 := st.settled(r.Right)
			if (ok1 || ok2) && r.Offset == "" && isComparison(r.Op) { // the other is held against the value
				l, rt := s.side(r.Left, a), s.side(r.Right, b)
				changed = true
				if !s.apply(st, lit{&Binary{Op: r.Op, L: l, R: rt}, notFalse, r.from}) {
					return false
				}
				continue
			}
			between = append(between, r)
		}
		st.between = between
		if !changed {
			break
		}
	}
	return true
}

// side gives a column, or its only value.
func (s *solver) side(name string, v *string) Expr {
	if v != nil {
		return &fixedCell{t: s.typeOf(name), column: name, text: v, sqlite: s.options.SQLite}
	}
	return &ColumnRef{Name: name}
}

// mostListed is how long a list of values may get that a check does not give itself.
const mostListed = 64

// filter holds a column's legal values against all conditions over it alone.
func (s *solver) filter(name string, c *colState) bool {
	d := &c.dom
	sc := s.table.Column(name)
	if d.Null == IsNull {
		*d = Domain{Null: IsNull}
		c.loose = nil
		return true
	}
	values, listed, every := d.In, d.In != nil, false // every: they are all that the type has
	if !listed && len(c.lits) > 0 {
		switch t := s.typeOf(name); {
		case t.kind == kBool:
			values, listed, every = []string{"true", "false"}, true, true
		case t.kind == kEnum:
			values, listed, every = t.labels, true, true
		case t.kind == kInt && len(c.loose)+len(d.NotIn) > 0:
			values, listed = intRange(d)
		}
	}
	if listed {
		var out []string
		loose := []lit(nil)
		for _, v := range values {
			ok := true
			for _, l := range c.lits {
				p := s.program(l.e)
				if p == nil {
					continue
				}
				t, err := s.evalCell(p, name, &v)
				if err != nil {
					if !slices.ContainsFunc(loose, func(o lit) bool { return o.e == l.e }) {
						loose = append(loose, l)
					}
					continue
				}
				ok = ok && l.s.holds(t)
			}
			if ok {
				out = append(out, v)
			}
		}
		if len(out) == 0 {
			return c.setNull(IsNull) && s.filter(name, c)
		}
		if len(loose) == 0 {
			c.loose = nil
			*d = Domain{Null: d.Null}
		}
		if !every || len(out) < len(values) {
			d.In = out
		}
	}
	if s.emptyDomain(sc, d) {
		return c.setNull(IsNull) && s.filter(name, c)
	}
	return true
}
