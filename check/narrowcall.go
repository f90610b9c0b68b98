package check

import (
	"regexp"
	"strings"
)

// compareCall holds a comparison of a function of the column.
func (n *narrowing) compareCall(name string, args []Expr, op string, r Expr) outcome {
	switch name {
	case "lower", "upper", "btrim", "trim":
		if v, ok := n.text(r); ok {
			if op == "=" {
				return n.listed(&Call{Name: name, Args: args}, []string{v}, true)
			}
			if v == "" && op != "<" && op != "<=" && op != ">=" && strings.HasSuffix(name, "trim") && len(args) == 1 && n.isColumn(args[0]) {
				n.d.Filled = true
				return told
			}
		}
	case "jsonb_typeof", "json_typeof":
		if v, ok := n.text(r); ok && op == "=" && n.isColumn(args[0]) {
			if n.d.JSON != "" && n.d.JSON != v {
				return contradicts
			}
			n.d.JSON = v
			return told
		}
	case "strpos", "instr":
		if k, ok := n.integer(r); ok && n.isColumn(args[0]) && len(args) == 2 {
			p, ok := n.text(args[1])
			switch {
			case !ok || p == "":
			case k == 0 && (op == "=" || op == "<="):
				return n.pattern(regexp.QuoteMeta(p), true, false)
			case k == 0 && (op == ">" || op == "<>") || k == 1 && op == ">=":
				return n.pattern(regexp.QuoteMeta(p), false, false)
			case k == 1 && op == "=":
				return n.pattern("^"+regexp.QuoteMeta(p), false, false)
			}
		}
	case "substr", "substring": // from the first character on
		if from, ok := n.integer(args[min(1, len(args)-1)]); len(args) == 3 && ok && from == 1 {
			return n.compareCall("left", []Expr{args[0], args[2]}, op, r)
		}
	case "left":
		if p, ok := n.text(r); ok && len(args) == 2 && n.isColumn(args[0]) {
			if k, ok := n.integer(args[1]); ok && k == int64(len([]rune(p))) && (op == "=" || op == "<>") {
				return n.pattern("^"+regexp.QuoteMeta(p), op == "<>", false)
			}
		}
	case "abs":
		if n.isColumn(args[0]) && (op == "<" || op == "<=") {
			if v, ok := n.valueText(r); ok {
				if out := n.bound(op, v); out != told {
					return out
				}
				neg := "-" + v
				if strings.HasPrefix(v, "-") {
					neg = v[1:]
				}
				return n.bound(flip(op), neg)
			}
		}
	case "extract", "date_part":
		return n.compareYear(args, op, r)
	case "cardinality", "array_length":
		k, ok := n.integer(r)
		if !ok || !n.isColumn(args[0]) || n.t.kind != kArray || name == "array_length" && len(args) != 2 {
			return notTold
		}
		if name == "array_length" && (op[0] == '<' || op == "=" && k == 0) {
			if op == "<>" || k < 0 {
				return notTold
			}
		}
		return n.sized(op, k)
	case "length", "char_length", "character_length", "octet_length":
		k, ok := n.integer(r)
		if !ok || !n.t.text() && n.t.kind != kBytes {
			return notTold
		}
		bytes := name == "octet_length" || n.t.kind == kBytes
		if n.isColumn(args[0]) {
			if n.t.kind == kChar && name == "octet_length" {
				return notTold
			}
			return n.length(op, k, bytes)
		}
		inner, _, ok := n.call(args[0], "btrim", "trim", "ltrim", "rtrim")
		if !ok || len(inner) != 1 || !n.isColumn(inner[0]) || bytes {
			return notTold
		}
		if op == ">" && k == 0 || op == ">=" && k == 1 || op == "<>" && k == 0 {
			n.d.Filled = true
			return told
		}
		n.d.Trimmed = true
		return n.length(op, k, false)
	}
	return notTold
}

// length holds a bound of a text's or bytea's length.
func (n *narrowing) length(op string, k int64, bytes bool) outcome {
	d := n.d
	if (d.MinLength > 0 || d.MaxLength > 0) && d.Bytes != bytes || k > 1<<30 || k < -1 {
		return notTold
	}
	least, most := int64(d.MinLength), int64(d.MaxLength)
	atMost := func(k int64) bool {
		if most == 0 || k < most {
			most = k
		}
		return k > 0 // 0 would mean no limit
	}
	switch op {
	case ">":
		least = max(least, k+1)
	case ">=":
		least = max(least, k)
	case "<":
		if !atMost(k - 1) {
			return notTold
		}
	case "<=":
		if !atMost(k) {
			return notTold
		}
	case "=":
		least = max(least, k)
		if !atMost(k) {
			return notTold
		}
	case "<>":
		if k != 0 {
			return notTold
		}
		least = max(least, 1)
	}
	d.MinLength, d.MaxLength, d.Bytes = int(least), int(most), bytes
	if most > 0 && least > most {
		return contradicts
	}
	return told
}

// sized holds a bound of an array's length.
func (n *narrowing) sized(op string, k int64) outcome {
	d := n.d
	if k > 1<<20 || k < 0 {
		return notTold
	}
	least, most := int64(d.MinSize), int64(d.MaxSize)
	atMost := func(k int64) bool {
		if most == 0 || k < most {
			most = k
		}
		return k > 0
	}
	ok := true
	switch op {
	case ">":
		least = max(least, k+1)
	case ">=":
		least = max(least, k)
	case "<":
		ok = atMost(k - 1)
	case "<=":
		ok = atMost(k)
	case "=":
		least = max(least, k)
		ok = atMost(k)
	case "<>":
		ok = k == 0
		least = max(least, 1)
	}
	if !ok {
		return notTold
	}
	d.MinSize, d.MaxSize = int(least), int(most)
	if most > 0 && least > most {
		return contradicts
	}
	return told
}

func isPattern(op string) bool { return strings.HasPrefix(strings.TrimPrefix(op, "!"), "~") }

// opposite gives the operator that is true where op is false.
func opposite(op string) string {
	switch op {
	case "=":
		return "<>"
	case "<>":
		return "="
	case "<":
		return ">="
	case "<=":
		return ">"
	case ">":
		return "<="
	case ">=":
		return "<"
	}
	if op[0] == '!' {
		return op[1:]
	}
	return "!" + op
}

// patternOf gives a pattern's regular expression for package regexp.
func patternOf(op, pattern string) (re string, not, fold, ok bool) {
	if op[0] == '!' {
		not, op = true, op[1:]
	}
	fold = strings.HasSuffix(op, "*")
	if strings.HasPrefix(op, "~~") {
		k, err := compileLike(pattern, '\\', false)
		if err != nil {
			return "", false, false, false
		}
		return k.regexp(), not, fold, true
	}
	r, err := translate(pattern, fold)
	if err != nil {
		return "", false, false, false
	}
	return r.text, not, r.fold, true
}
