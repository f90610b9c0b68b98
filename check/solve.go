package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
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
			e = sqlexpr.Replace(e, func(e Expr) Expr {
				if c, ok := e.(*ColumnRef); ok && c.Name == "value" {
					return &ColumnRef{Name: k.Columns[0]}
				}
				return e
			})
			c.Expression = e.String()
		} else if err == nil {
			e = computed(t, e, o.SQLite)
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
		return nil, nil, unknown("the form of %s (%v)", bound.Short(where), err)
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
	return sqlexpr.Replace(e, func(e Expr) Expr {
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
			return &Literal{Kind: StringLiteral, Text: c.Name}
		}
		return e
	})
}

type solver struct {
	table    *schema.Table
	options  Options
	checks   []*Check
	programs map[string]*Program // by expression, nil for those that are not known
	compiled map[Expr]*Program   // the same by node: the text of a long expression is not written for each look
	dropped  bool
}

func newSolver(t *schema.Table, o Options) *solver {
	return &solver{table: t, options: o, programs: map[string]*Program{}, compiled: map[Expr]*Program{}}
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
	return sqlexpr.Replace(e, func(e Expr) Expr {
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
	if p, ok := s.compiled[e]; ok {
		return p
	}
	key := e.String()
	p, ok := s.programs[key]
	if !ok {
		p, _ = compileExpr(s.table, e, "", s.options)
		s.programs[key] = p
	}
	s.compiled[e] = p
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
		case "~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "@>", "<@", "&&", "?", "?&", "?|", "@?", "@@", "LIKE", "GLOB":
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
	depth, left := 0, bound.Parts
	var change func(e Expr) Expr
	change = func(e Expr) Expr {
		call, ok := e.(*Call)
		if !ok || depth > 5 || left < 0 {
			return e
		}
		f := c.function(call)
		if f == nil || f.Language != "sql" && f.Language != "plpgsql" || f.Body == "" {
			return e
		}
		body, err := sqlexpr.ParseBody(f.Body)
		if err != nil {
			return e
		}
		known := true
		with := func(args []Expr) Expr {
			return sqlexpr.Replace(body, func(e Expr) Expr {
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
		if left -= sqlexpr.Size(out); !known || left < 0 {
			return e
		}
		depth++
		out = sqlexpr.Replace(out, change)
		depth--
		return out
	}
	return sqlexpr.Replace(e, change)
}
