package check

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// NeverError says that no row satisfies a table's checks.
type NeverError struct {
	Check *Check // the one that is never true, together with those before it
}

func (e *NeverError) Error() string {
	return fmt.Sprintf("no row satisfies %s: CHECK (%s)", e.Check.Name, e.Check.Expression)
}

// mostStates bounds the ways that are followed while checks are put together.
const mostStates = 256

// Solve finds ways to satisfy the checks of t, and further conditions of its rows (of partitions, say),
// all at once: at most limit, those first in which the fewest columns are null, and such as differ from one
// another. A table without checks has one Case that asks nothing. Where there is none, the error is a
// *NeverError.
func Solve(t *schema.Table, further []*Check, limit int, o Options) ([]Case, error) {
	s := newSolver(t, o)
	var checks []*Check
	var parsed []Expr
	for _, k := range t.Checks {
		c := &Check{Name: k.Name, Expression: k.Expression, Columns: k.Columns}
		e, err := Parse(k.Expression, o.SQLite)
		if err == nil && k.Domain != "" {
			if len(k.Columns) == 0 {
				continue
			}
			e = replace(e, func(e Expr) Expr {
				if c, ok := e.(*ColumnRef); ok && c.Name == "value" {
					return &ColumnRef{Name: k.Columns[0]}
				}
				return e
			})
			c.Expression = e.String()
		}
		checks, parsed = append(checks, c), append(parsed, s.named(e))
	}
	for _, c := range further {
		e, _ := Parse(c.Expression, o.SQLite)
		checks, parsed = append(checks, c), append(parsed, s.named(e))
	}
	return s.solve(checks, parsed, notFalse, limit)
}

// Predicate finds ways to make a predicate over the columns of t true, and ways to make it not true.
func Predicate(where string, t *schema.Table, limit int, o Options) (whenTrue, whenFalse []Case, err error) {
	e, err := Parse(where, o.SQLite)
	if err != nil {
		return nil, nil, unknown("the form of %s (%v)", where, err)
	}
	for i, out := range []*[]Case{&whenTrue, &whenFalse} {
		c := &Check{Name: "the predicate", Expression: where}
		s := newSolver(t, o)
		*out, err = s.solve([]*Check{c}, []Expr{s.named(e)}, [...]sense{mustTrue, notTrue}[i], limit)
		var never *NeverError
		if err != nil && !errors.As(err, &never) {
			return nil, nil, err
		}
	}
	return whenTrue, whenFalse, nil
}

// named gives SQLite's columns the names that the schema has, and makes strings of quoted names that no
// column has.
func (s *solver) named(e Expr) Expr {
	if e == nil || !s.options.SQLite {
		return e
	}
	return replace(e, func(e Expr) Expr {
		c, ok := e.(*ColumnRef)
		if !ok {
			return e
		}
		for _, sc := range s.table.Columns {
			if strings.EqualFold(sc.Name, c.Name) {
				return &ColumnRef{Name: sc.Name}
			}
		}
		if c.Quoted && c.Table == "" {
			return &Literal{StringLiteral, c.Name}
		}
		return e
	})
}

type solver struct {
	table    *schema.Table
	options  Options
	checks   []*Check
	programs map[string]*Program // by expression, nil for those that are not known
	dropped  bool
}

func newSolver(t *schema.Table, o Options) *solver {
	return &solver{table: t, options: o, programs: map[string]*Program{}}
}

// state is a Case in the making.
type state struct {
	cols    map[string]*colState
	between []Relation
	equal   []Equation
	rest    []lit
}

type colState struct {
	dom   Domain
	lits  []lit // all conditions that read this column alone
	loose []lit // those of them that dom does not imply
}

func (st *state) clone() *state {
	out := &state{cols: make(map[string]*colState, len(st.cols)), between: slices.Clone(st.between), equal: slices.Clone(st.equal), rest: slices.Clone(st.rest)}
	for k, c := range st.cols {
		d := *c
		d.lits, d.loose = slices.Clone(c.lits), slices.Clone(c.loose)
		d.dom.Patterns = slices.Clone(c.dom.Patterns)
		d.dom.NotIn = slices.Clone(c.dom.NotIn)
		out.cols[k] = &d
	}
	return out
}

func (s *solver) solve(checks []*Check, parsed []Expr, want sense, limit int) ([]Case, error) {
	s.checks = checks
	states := []*state{{cols: map[string]*colState{}}}
	type alternatives struct {
		of   int
		ways dnf
	}
	var todo []alternatives
	var whole []int // checks that stay as they are
	for i, e := range parsed {
		if e == nil {
			whole = append(whole, i)
			checks[i].Functions = []string{"its form"}
			continue
		}
		e = s.inlined(e)
		if checks[i].Columns == nil {
			checks[i].Columns = Columns(e)
		}
		if p, err := compileExpr(s.table, e, "", s.options); err != nil {
			var u *ErrUnknown
			if errors.As(err, &u) {
				checks[i].Functions = append(checks[i].Functions, u.What)
			}
		} else {
			s.programs[e.String()] = p
		}
		x := &expansion{isBool: s.isBool, sqlite: s.options.SQLite, from: i}
		ways := x.expand(e, want)
		if len(ways) > 1 && !slices.ContainsFunc(ways, s.tells) {
			ways, x.dropped = x.atom(e, want), false // nothing is won by taking it apart
		}
		s.dropped = s.dropped || x.dropped
		todo = append(todo, alternatives{i, ways})
	}
	slices.SortStableFunc(todo, func(a, b alternatives) int { return len(a.ways) - len(b.ways) })
	for _, k := range todo {
		var next []*state
		for _, st := range states {
			for _, way := range s.useful(k.ways) {
				if n := st.clone(); s.applyAll(n, way) {
					next = append(next, n)
				}
			}
		}
		if len(next) == 0 {
			if s.dropped { // another way may have been left out: the check stays as it is
				whole = append(whole, k.of)
				continue
			}
			return nil, &NeverError{checks[k.of]}
		}
		if len(next) > mostStates {
			s.rank(next)
			next, s.dropped = next[:mostStates], true
		}
		states = next
	}
	var done []*state
	for _, st := range states {
		if s.finish(st) {
			done = append(done, st)
		}
	}
	if len(done) == 0 {
		if !s.dropped && len(todo) > 0 {
			return nil, &NeverError{checks[todo[len(todo)-1].of]}
		}
		done = []*state{{cols: map[string]*colState{}}}
		whole = whole[:0]
		for i := range checks {
			whole = append(whole, i)
		}
	}
	s.rank(done)
	return s.cases(s.choose(s.distinct(done), limit), whole), nil
}

// tells tells whether a conjunction says anything of columns or between them.
func (s *solver) tells(way []lit) bool {
	st := &state{cols: map[string]*colState{}}
	if !s.applyAll(st, way) || len(st.between)+len(st.equal) > 0 || len(way) == 0 {
		return true
	}
	for name, c := range st.cols {
		d := c.dom
		if s.table.Column(name).NotNull {
			d.Null = Either
		}
		if !d.zero() {
			return true
		}
	}
	return false
}

// useful drops alternatives that another one has within it: a IS NULL beside a condition that a null
// satisfies.
func (s *solver) useful(ways dnf) dnf {
	if len(ways) < 2 {
		return ways
	}
	var out dnf
	for i, w := range ways {
		within := false
		if len(w) == 1 {
			if n, ok := w[0].e.(*NullTest); ok && !n.Not && w[0].s == mustTrue {
				if c, ok := n.X.(*ColumnRef); ok {
					for j, o := range ways {
						within = within || i != j && s.satisfiedByNull(o, c.Name)
					}
				}
			}
		}
		if !within {
			out = append(out, w)
		}
	}
	return out
}

// satisfiedByNull tells whether a null in a column satisfies all of a conjunction, whatever else the row has.
func (s *solver) satisfiedByNull(way []lit, name string) bool {
	if len(way) == 0 {
		return false
	}
	for _, l := range way {
		if n, ok := l.e.(*NullTest); ok {
			if c, ok := n.X.(*ColumnRef); ok && c.Name == name && n.Not != l.s.positive() {
				continue
			}
		}
		t, ok := s.constantTruth(s.fixed(l.e, name, nil))
		if !ok || !l.s.holds(t) {
			return false
		}
	}
	return true
}

// fixed puts a value, or null, in a column's place.
func (s *solver) fixed(e Expr, name string, v *string) Expr {
	t := s.typeOf(name)
	return replace(e, func(e Expr) Expr {
		if c, ok := e.(*ColumnRef); ok && c.Name == name {
			return &fixedCell{t: t, column: name, text: v, sqlite: s.options.SQLite}
		}
		return e
	})
}

// constantTruth evaluates a condition that hangs on no column any more.
func (s *solver) constantTruth(e Expr) (Truth, bool) {
	c := &compiler{table: s.table, options: s.options}
	if s.options.SQLite {
		p, err := compileSQLite(s.table, e, s.options)
		if err != nil || len(p.Columns) > 0 {
			return Unknown, false
		}
		t, err := p.Evaluator().Eval(nil, 0)
		return t, err == nil
	}
	n, err := c.condition(e)
	if err != nil || n.konst == nil {
		return Unknown, false
	}
	switch {
	case n.konst.null:
		return Unknown, true
	case n.konst.n != 0:
		return True, true
	}
	return False, true
}

// program compiles a condition once; nil where it is not known.
func (s *solver) program(e Expr) *Program {
	key := e.String()
	p, ok := s.programs[key]
	if !ok {
		p, _ = compileExpr(s.table, e, "", s.options)
		s.programs[key] = p
	}
	return p
}

func (s *solver) typeOf(name string) *typ {
	if sc := s.table.Column(name); sc != nil {
		if s.options.SQLite {
			return kindType(sc.Type.Kind)
		}
		return columnType(sc)
	}
	return &typ{kind: kOpaque}
}

// kindType gives the type that holds the cells of a kind.
func kindType(k column.Kind) *typ {
	switch k {
	case column.Bool:
		return boolType
	case column.Int:
		return int8Type
	case column.Float:
		return float8Type
	case column.Decimal:
		return numericType
	case column.Date:
		return dateType
	case column.Time:
		return timeType
	case column.Timestamp:
		return timestampType
	case column.UUID:
		return uuidType
	case column.Bytes:
		return bytesType
	case column.JSON:
		return jsonType
	}
	return textType
}

// isBool tells whether an expression gives a truth value.
func (s *solver) isBool(e Expr) bool {
	switch e := e.(type) {
	case *Logic, *Not, *NullTest, *BoolTest, *DistinctFrom, *AnyOf:
		return true
	case *Literal:
		return e.Kind == BoolLiteral
	case *Binary:
		switch e.Op {
		case "~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "@>", "<@", "&&", "?", "LIKE", "GLOB":
			return true
		}
		return isComparison(e.Op)
	case *ColumnRef:
		return s.typeOf(e.Name).kind == kBool
	case *Cast:
		return e.Type.Name == "boolean" || e.Type.Name == "bool"
	case *CaseWhen:
		return s.isBool(e.Whens[0].Then)
	case *Call:
		if (e.Name == "coalesce" || e.Name == "nullif") && len(e.Args) > 0 {
			return s.isBool(e.Args[0])
		}
	}
	return false
}

// inlined puts the bodies of the user's SQL functions in the place of their calls, where nothing is lost by it:
// those that are null for null arguments stay as they are, unless their body is too.
func (s *solver) inlined(e Expr) Expr {
	c := &compiler{table: s.table, options: s.options}
	depth := 0
	var change func(e Expr) Expr
	change = func(e Expr) Expr {
		call, ok := e.(*Call)
		if !ok || depth > 5 {
			return e
		}
		f := c.function(call)
		if f == nil || f.Language != "sql" && f.Language != "plpgsql" || f.Body == "" {
			return e
		}
		body, err := parseBody(f.Body)
		if err != nil {
			return e
		}
		known := true
		with := func(args []Expr) Expr {
			return replace(body, func(e Expr) Expr {
				switch x := e.(type) {
				case *Param:
					if x.N >= 1 && x.N <= len(args) {
						return args[x.N-1]
					}
					known = false
				case *ColumnRef:
					for i, n := range f.Args {
						if n != "" && strings.EqualFold(n, x.Name) && i < len(args) {
							return args[i]
						}
					}
					known = false
				}
				return e
			})
		}
		for i := range call.Args { // is the body null where an argument is?
			if !f.Strict {
				break
			}
			args := slices.Clone(call.Args)
			args[i] = &Literal{Kind: NullLiteral}
			if t, ok := s.constantTruth(with(args)); !ok || t != Unknown {
				return e
			}
		}
		out := with(call.Args)
		if !known {
			return e
		}
		depth++
		out = replace(out, change)
		depth--
		return out
	}
	return replace(e, change)
}

func (s *solver) applyAll(st *state, way []lit) bool {
	for _, l := range way {
		if !s.apply(st, l) {
			return false
		}
	}
	return true
}

// col gives the state of a column.
func (s *solver) col(st *state, name string) *colState {
	c := st.cols[name]
	if c == nil {
		c = &colState{}
		if sc := s.table.Column(name); sc != nil && sc.NotNull {
			c.dom.Null = NotNull
		}
		st.cols[name] = c
	}
	return c
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
			if !s.filter(name, c) {
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
				if !s.apply(st, lit{&Binary{r.Op, l, rt}, notFalse, r.from}) {
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

// distinct drops states that lie within another one.
func (s *solver) distinct(states []*state) []*state {
	var out []*state
	for i, a := range states {
		within := false
		for j, b := range states {
			if i != j && s.within(a, b) && (j < i || !s.within(b, a)) {
				within = true
				break
			}
		}
		if !within {
			out = append(out, a)
		}
	}
	return out
}

// within tells whether every row of a is one of b, as far as that shows.
func (s *solver) within(a, b *state) bool {
	for name, c := range b.cols {
		own := a.cols[name]
		if own == nil {
			own = &colState{}
			if s.table.Column(name).NotNull {
				own.dom.Null = NotNull
			}
		}
		if !own.dom.within(c.dom) || !subset(c.loose, own.loose) {
			return false
		}
	}
	for _, r := range b.between {
		same := func(o Relation) bool { o.from = r.from; return o == r }
		if !slices.ContainsFunc(a.between, same) && !a.null(r.Left) && !a.null(r.Right) {
			return false
		}
	}
	return len(b.equal) <= len(a.equal) && subset(b.rest, a.rest)
}

func (st *state) null(name string) bool { c := st.cols[name]; return c != nil && c.dom.Null == IsNull }

func subset(a, b []lit) bool {
	for _, l := range a {
		if !slices.ContainsFunc(b, func(o lit) bool { return o.s == l.s && o.e.String() == l.e.String() }) {
			return false
		}
	}
	return true
}

// within tells whether each value of a is one of b, as far as that shows.
func (a Domain) within(b Domain) bool {
	if b.Null != Either && a.Null != b.Null {
		return false
	}
	if a.Null == IsNull {
		return true
	}
	if b.In != nil && (a.In == nil || slices.ContainsFunc(a.In, func(v string) bool { return !slices.Contains(b.In, v) })) {
		return false
	}
	bound := func(a, b *Bound) bool { return b == nil || a != nil && *a == *b }
	least := func(a, b int) bool { return b == 0 || a == b }
	flag := func(a, b bool) bool { return a || !b }
	for _, p := range b.Patterns {
		if !slices.Contains(a.Patterns, p) {
			return false
		}
	}
	for _, v := range b.NotIn {
		if !slices.Contains(a.NotIn, v) && (a.In == nil || slices.Contains(a.In, v)) {
			return false
		}
	}
	return bound(a.Min, b.Min) && bound(a.Max, b.Max) && (b.Multiple == "" || a.Multiple == b.Multiple) && least(a.MinLength, b.MinLength) && least(a.MaxLength, b.MaxLength) &&
		(a.Bytes == b.Bytes || b.MinLength+b.MaxLength == 0) && flag(a.Lower, b.Lower) && flag(a.Upper, b.Upper) && flag(a.Trimmed, b.Trimmed) && flag(a.Filled, b.Filled) &&
		(b.JSON == "" || a.JSON == b.JSON) && (b.Elements == nil || reflect.DeepEqual(a.Elements, b.Elements)) && least(a.MinSize, b.MinSize) && least(a.MaxSize, b.MaxSize) && flag(a.NoNulls, b.NoNulls)
}

// zero tells whether a domain asks nothing.
func (d Domain) zero() bool { return reflect.DeepEqual(d, Domain{}) }

// choose takes at most limit states, such as differ from one another first.
func (s *solver) choose(states []*state, limit int) []*state {
	if limit <= 0 || len(states) <= limit {
		return states
	}
	seen := map[string]bool{}
	var first, second []*state
	for _, st := range states {
		fresh := false
		for name, c := range st.cols {
			for _, f := range features(name, &c.dom) {
				fresh = fresh || !seen[f]
				seen[f] = true
			}
		}
		if fresh {
			first = append(first, st)
		} else {
			second = append(second, st)
		}
	}
	return append(first, second...)[:limit]
}

// features are what sets states apart.
func features(name string, d *Domain) []string {
	out := []string{name + " null " + string(rune('0'+d.Null))}
	if len(d.In) > 0 && len(d.In) <= 16 {
		for _, v := range d.In {
			out = append(out, name+" = "+v)
		}
	}
	return out
}

// rank puts the states with the fewest nulls and the least left over first.
func (s *solver) rank(states []*state) {
	cost := func(st *state) int {
		n := 0
		for _, c := range st.cols {
			if c.dom.Null == IsNull {
				n += 4
			}
			n += len(c.loose)
		}
		return n + len(st.rest)
	}
	slices.SortStableFunc(states, func(a, b *state) int { return cost(a) - cost(b) })
}

// cases turns states into Cases.
func (s *solver) cases(states []*state, whole []int) []Case {
	out := make([]Case, len(states))
	for i, st := range states {
		k := Case{Columns: map[string]*Domain{}, Between: st.between, Equal: st.equal}
		left := map[int][]string{} // check -> columns that decide it
		for _, w := range whole {
			left[w] = s.checks[w].Columns
		}
		note := func(l lit) {
			for _, c := range Columns(l.e) {
				if !slices.Contains(left[l.from], c) {
					left[l.from] = append(left[l.from], c)
				}
			}
		}
		for _, l := range st.rest {
			note(l)
		}
		for name, c := range st.cols {
			for _, l := range c.loose {
				note(l)
			}
			d := c.dom
			sc := s.table.Column(name)
			free := d
			if sc.NotNull {
				free.Null = Either
			}
			if free.zero() {
				continue
			}
			k.Columns[name] = &d
		}
		for of := range s.checks {
			if cols, ok := left[of]; ok {
				c := *s.checks[of]
				c.Open = cols
				k.Rest = append(k.Rest, &c)
			}
		}
		out[i] = k
	}
	name(out)
	return out
}

// name gives Cases that differ names, from the values and nulls that set them apart.
func name(cases []Case) {
	if len(cases) < 2 {
		return
	}
	columns := map[string]bool{}
	for _, c := range cases {
		for n := range c.Columns {
			columns[n] = true
		}
	}
	var names []string
	for n := range columns {
		names = append(names, n)
	}
	slices.Sort(names)
	values := map[string]map[string]bool{} // column -> its only values in the cases
	nulls := map[string]bool{}             // null in some
	for _, n := range names {
		values[n] = map[string]bool{}
		for _, c := range cases {
			d := c.Columns[n]
			switch {
			case d == nil:
			case d.Null == IsNull:
				nulls[n] = true
			case len(d.In) == 1:
				values[n][d.In[0]] = true
			}
		}
	}
	taken := map[string]bool{}
	for i := range cases {
		var parts []string
		for _, n := range names {
			d := cases[i].Columns[n]
			if d != nil && len(d.In) == 1 && len(values[n]) > 1 {
				parts = append(parts, n+"_"+d.In[0])
			}
		}
		for _, n := range names {
			d := cases[i].Columns[n]
			if len(parts) == 0 && nulls[n] && (d == nil || d.Null != IsNull) {
				parts = append(parts, n)
			}
		}
		if len(parts) == 0 {
			parts = []string{"case_" + itoa(i+1)}
		}
		if len(parts) > 3 {
			parts = parts[:3]
		}
		base := word(strings.Join(parts, "_"))
		out := base
		for k := 2; taken[out]; k++ {
			out = base + "_" + itoa(k)
		}
		taken[out] = true
		cases[i].Name = out
	}
}

// word makes a name of lower-case letters, digits and underscores.
func word(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	out := strings.Trim(b.String(), "_")
	if len(out) > 40 {
		out = out[:40]
	}
	if out == "" {
		return "case"
	}
	return out
}
