package check

import (
	"slices"
	"strconv"
	"strings"
)

// derived is an expression over columns as a blueprint writes it.
type derived struct {
	text  string
	cols  []string  // that it reads
	kind  kind      // kNumeric for any number, kText for any text
	spans []stretch // of an interval, which has no text
	apart *between  // the distance that a number is; nil for others
}

func (d *derived) reads(o derived) {
	for _, c := range o.cols {
		if !slices.Contains(d.cols, c) {
			d.cols = append(d.cols, c)
		}
	}
}

// derivedKind is the kind of a type as far as derived expressions tell kinds apart; false for those that they
// do not know.
func derivedKind(t *typ) (kind, bool) {
	switch {
	case t.number():
		return kNumeric, true
	case t.text():
		return kText, true
	}
	return t.kind, t.kind == kDate || t.kind == kTimestamp || t.kind == kTime || t.kind == kBool
}

// derive writes an expression in a blueprint's language, where that has the same words. What it gives may differ in
// odd cases (time zones, nulls, letters of other alphabets): whoever uses it still holds the check.
func (s *solver) derive(e Expr) (derived, bool) {
	if len(Columns(e)) == 0 {
		return s.deriveConstant(e)
	}
	switch x := e.(type) {
	case *ColumnRef:
		if s.table.Column(x.Name) == nil {
			return derived{}, false
		}
		k, ok := derivedKind(s.typeOf(x.Name))
		return derived{text: plainName(x.Name), cols: []string{x.Name}, kind: k}, ok
	case *Cast:
		return s.deriveCast(x)
	case *Collate:
		return s.derive(x.X)
	case *Unary:
		in, ok := s.derive(x.X)
		in.text = "(-" + in.text + ")"
		return in, ok && x.Op == "-" && in.kind == kNumeric
	case *Binary:
		return s.deriveBinary(x)
	case *Logic:
		word := " and "
		if x.Or {
			word = " or "
		}
		out, ok := s.deriveList(kBool, x.List...)
		out.text = "(" + strings.ReplaceAll(out.text, "\x00", word) + ")"
		return out, ok
	case *Not:
		in, ok := s.derive(x.X)
		in.text = "(not " + in.text + ")"
		return in, ok && in.kind == kBool
	case *NullTest:
		in, ok := s.derive(x.X)
		op := " == nil)"
		if x.Not {
			op = " != nil)"
		}
		in.text, in.kind = "("+in.text+op, kBool
		return in, ok
	case *CaseWhen:
		return s.deriveCase(x)
	case *Call:
		return s.deriveCall(x)
	}
	return derived{}, false
}

func (s *solver) deriveConstant(e Expr) (derived, bool) {
	n, ok := s.constant(e)
	if !ok || n.konst.null {
		return derived{}, false
	}
	switch {
	case n.t.kind == kInt || n.t.kind == kNumeric:
		return derived{text: string(appendNumeric(nil, trimScale(*n.konst))), kind: kNumeric}, n.konst.x == nil
	case n.t.kind == kUnknown || n.t.text():
		return derived{text: strconv.Quote(string(n.konst.b)), kind: kText}, true
	case n.t.kind == kInterval:
		spans := constantStretches(n.konst.x.(*interval))
		return derived{kind: kInterval, spans: spans}, len(spans) > 0
	case n.t.kind == kBool:
		return derived{text: boolText(n.konst.n != 0), kind: kBool}, true
	}
	return derived{}, false
}

// deriveList writes expressions of one kind with a zero byte between them.
func (s *solver) deriveList(k kind, list ...Expr) (out derived, ok bool) {
	out.kind = k
	var parts []string
	for _, e := range list {
		d, ok := s.derive(e)
		if !ok || d.kind != k {
			return out, false
		}
		parts = append(parts, d.text)
		out.reads(d)
	}
	out.text = strings.Join(parts, "\x00")
	return out, len(parts) > 0
}

func (s *solver) deriveCast(x *Cast) (derived, bool) {
	if x.Type.Name == "interval" && !x.Type.Array {
		return s.deriveWritten(x.X)
	}
	in, ok := s.derive(x.X)
	to := (&compiler{table: s.table, options: s.options}).scalar(TypeName{Schema: x.Type.Schema, Name: x.Type.Name, Quoted: x.Type.Quoted})
	if !ok || to == nil || x.Type.Array {
		return in, false
	}
	switch k, known := derivedKind(to); {
	case !known:
		return in, false
	case k == in.kind && to.kind == kInt:
		in.text = "round(" + in.text + ")"
	case k == in.kind, in.kind == kDate && k == kTimestamp: // a day stands for its midnight
	case k == kDate && in.kind == kTimestamp:
		in.text, in.kind = "date("+in.text+")", kDate
	case k == kText && (in.kind == kNumeric || in.kind == kDate):
		in.text, in.kind = "text("+in.text+")", kText
	default:
		return in, false
	}
	return in, true
}

// comparisons are SQL's as a blueprint writes them.
var comparisons = map[string]string{"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

func (s *solver) deriveBinary(x *Binary) (derived, bool) {
	if x.Op == "-" && s.options.SQLite {
		if d, ok := s.counted(x.L, x.R); ok {
			return d, true
		}
	}
	l, ok1 := s.derive(x.L)
	r, ok2 := s.derive(x.R)
	if !ok1 || !ok2 {
		return derived{}, false
	}
	out := derived{cols: slices.Clone(l.cols), kind: l.kind}
	out.reads(r)
	switch op := x.Op; {
	case op == "/" && l.kind == kNumeric && r.kind == kNumeric:
		if n, err := strconv.ParseInt(r.text, 10, 64); err == nil {
			out.apart = l.apart.times(n)
		}
		out.text = "(" + l.text + " / " + r.text + ")"
		if n, err := (&compiler{table: s.table, options: s.options}).compile(x); s.options.SQLite || err == nil && n.t.kind == kInt {
			out.text = "floor" + out.text // of what is not below zero
		}
	case op != "||" && (derivedMoment(l.kind) || derivedMoment(r.kind) || l.kind == kInterval || r.kind == kInterval) && comparisons[op] == "":
		return deriveSpan(op, l, r)
	case slices.Contains([]string{"+", "-", "*", "%"}, op) && l.kind == kNumeric && r.kind == kNumeric:
		out.text = "(" + l.text + " " + op + " " + r.text + ")"
	case op == "||" && (l.kind == kText || r.kind == kText):
		out.kind = kText
		out.text = "concat(" + l.text + ", " + r.text + ")"
	case comparisons[op] != "" && l.kind == r.kind && l.kind != kInterval:
		out.text, out.kind = "("+l.text+" "+comparisons[op]+" "+r.text+")", kBool
	default:
		return derived{}, false
	}
	return out, true
}

// deriveCase writes CASE WHEN a THEN x ELSE y END as a ? x : y.
func (s *solver) deriveCase(x *CaseWhen) (derived, bool) {
	out := derived{text: "nil"}
	if x.Else != nil {
		var ok bool
		if out, ok = s.derive(x.Else); !ok {
			return out, false
		}
	}
	for _, w := range slices.Backward(x.Whens) {
		when := w.If
		if x.Operand != nil {
			when = &Binary{Op: "=", L: x.Operand, R: w.If}
		}
		c, ok1 := s.derive(when)
		then, ok2 := s.derive(w.Then)
		if !ok1 || !ok2 || c.kind != kBool || x.Else != nil && then.kind != out.kind {
			return out, false
		}
		text := "(" + c.text + " ? " + then.text + " : " + out.text + ")"
		then.reads(c)
		then.reads(out)
		out = derived{text: text, cols: then.cols, kind: then.kind}
	}
	return out, true
}

// deriveCall writes a function that a blueprint's language has too.
func (s *solver) deriveCall(x *Call) (derived, bool) {
	k := functions[x.Name]
	if x.Schema != "" && x.Schema != "pg_catalog" || len(x.Args) == 0 || k == nil || k.derive == nil {
		return derived{}, false
	}
	return k.derive(s, x)
}

// derivation reads column = an expression over other columns.
func (s *solver) derivation(left, right Expr) (Equation, bool) {
	for _, p := range [][2]Expr{{left, right}, {right, left}} {
		name := columnOf(stripKeeping(s, p[0]))
		if _, plain := stripKeeping(s, p[1]).(*ColumnRef); name == "" || plain {
			continue // a relation of two columns
		}
		k, known := derivedKind(s.typeOf(name))
		d, ok := s.derive(p[1])
		if !ok || !known || len(d.cols) == 0 || d.kind != k || slices.Contains(d.cols, name) {
			continue
		}
		return Equation{Column: name, Expression: d.text, Columns: d.cols, Inverse: d.apart.inverse(name)}, true
	}
	return Equation{}, false
}
