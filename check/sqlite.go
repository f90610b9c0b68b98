package check

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// SQLite's values have their types with them (https://www.sqlite.org/datatype3.html): scale holds the
// storage class, n an integer or the bits of a float, b a text or a blob.
const (
	sInteger int32 = iota + 1
	sReal
	sText
	sBlob
)

func sInt(n int64) value { return value{scale: sInteger, n: n} }
func sFloat(f float64) value {
	if f != f {
		return null // SQLite has no NaN
	}
	return value{scale: sReal, n: int64(math.Float64bits(f))}
}
func sString(b []byte) value { return value{scale: sText, b: b} }
func sBool(b bool) value {
	if b {
		return sInt(1)
	}
	return sInt(0)
}

// affinity is what a column's declared type makes of values that it is compared with.
type affinity uint8

const (
	noAffinity affinity = iota
	blobAffinity
	textAffinity
	numericAffinity
	integerAffinity
	realAffinity
)

// affinityOf applies SQLite's rules to a declared type.
func affinityOf(declared string) affinity {
	d := strings.ToUpper(declared)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(d, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("INT"):
		return integerAffinity
	case has("CHAR", "CLOB", "TEXT"):
		return textAffinity
	case d == "" || has("BLOB"):
		return blobAffinity
	case has("REAL", "FLOA", "DOUB"):
		return realAffinity
	}
	return numericAffinity
}

// snode is a compiled expression of SQLite.
type snode struct {
	eval   func(*machine) value
	aff    affinity
	nocase bool // collates without regard to case
	rtrim  bool // or without trailing blanks
	column bool // has a column's collation
	stated bool // has one that is written, which comes first
	konst  *value
}

func sConstant(v value) snode { return snode{eval: func(*machine) value { return v }, konst: &v} }

// sFold evaluates an expression over constants once.
func sFold(n snode, args ...snode) snode {
	for _, a := range args {
		if a.konst == nil {
			return n
		}
	}
	m := &machine{}
	v := n.eval(m)
	if m.err != nil {
		return n
	}
	v.b = bytes.Clone(v.b)
	n.konst, n.eval = &v, func(*machine) value { return v }
	return n
}

type sCompiler struct {
	table     *schema.Table
	options   Options
	columns   []string
	readsTime bool
	parts     int // compiled so far
}

func compileSQLite(t *schema.Table, e Expr, o Options) (*Program, error) {
	c := &sCompiler{table: t, options: o}
	n, err := c.compile(e)
	if err != nil {
		return nil, err
	}
	return &Program{Expression: e.String(), Columns: c.columns, ReadsTime: c.readsTime, eval: func(m *machine) value {
		return sTruth(n.eval(m))
	}}, nil
}

// constantSQLite evaluates an expression without columns, as a node of the other compiler's types.
func constantSQLite(e Expr) (node, bool) {
	c := &sCompiler{table: &schema.Table{}}
	n, err := c.compile(e)
	if err != nil || n.konst == nil || c.readsTime {
		return node{}, false
	}
	v := *n.konst
	switch {
	case v.null:
		return constant(unknownType, null), true
	case v.scale == sInteger:
		return constant(int8Type, integer(v.n)), true
	case v.scale == sReal:
		return constant(float8Type, integer(v.n)), true
	case v.scale == sText:
		return constant(textType, text(v.b)), true
	}
	return constant(bytesType, text(v.b)), true
}

// sTruth gives a value's truth: null, 0 or 1.
func sTruth(v value) value {
	if v.null {
		return null
	}
	x := sNumber(v)
	if x.scale == sReal {
		return sBool(x.float() != 0)
	}
	return sBool(x.n != 0)
}

// sNumber makes a number of a value: of a text its longest prefix that is one, else 0.
func sNumber(v value) value {
	if v.scale < sText {
		return v
	}
	s := strings.TrimLeft(string(v.b), " \t\n\v\f\r")
	n := numberPrefix(s)
	if n == "" {
		return sInt(0)
	}
	if i, err := strconv.ParseInt(n, 10, 64); err == nil {
		return sInt(i)
	}
	f, _ := strconv.ParseFloat(n, 64)
	return sFloat(f)
}

// numberPrefix gives the longest prefix that is a decimal number.
func numberPrefix(s string) string {
	i := 0
	digits := func() int {
		from := i
		for i < len(s) && digit(s[i]) {
			i++
		}
		return i - from
	}
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	n := digits()
	if i < len(s) && s[i] == '.' {
		i++
		n += digits()
	}
	if n == 0 {
		return ""
	}
	end := i
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if digits() > 0 {
			end = i
		}
	}
	return s[:end]
}

// sApply gives a value the form that an affinity makes of it.
func sApply(v value, a affinity) value {
	switch {
	case v.null || v.scale == sBlob:
	case a == textAffinity && v.scale < sText:
		if b, ok := sTextOf(v); ok {
			return sString(b)
		}
	case a >= numericAffinity && v.scale == sText:
		s := strings.Trim(string(v.b), " \t\n\v\f\r")
		if s != "" && numberPrefix(s) == s {
			return sApply(sNumber(sString([]byte(s))), a)
		}
	case a == realAffinity && v.scale == sInteger:
		return sFloat(float64(v.n))
	case (a == numericAffinity || a == integerAffinity) && v.scale == sReal:
		if f := v.float(); f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return sInt(int64(f))
		}
	}
	return v
}

// sTextOf gives a value's text. That of a real is not known here, but for whole ones.
func sTextOf(v value) ([]byte, bool) {
	switch v.scale {
	case sInteger:
		return strconv.AppendInt(nil, v.n, 10), true
	case sReal:
		if f := v.float(); f == math.Trunc(f) && math.Abs(f) < 1e15 {
			return strconv.AppendFloat(nil, f, 'f', 1, 64), true
		}
		return nil, false
	}
	return v.b, true
}

// sCompare is the order of two values that are not null.
func sCompare(a, b value, nocase, rtrim bool) int {
	class := func(v value) int32 { return max(v.scale, sReal) }
	if c := class(a) - class(b); c != 0 {
		return int(c)
	}
	switch {
	case a.scale <= sReal && a.scale == b.scale:
		if a.scale == sReal {
			return compareFloat(a.float(), b.float())
		}
		return compareFloatInt(a.n, b.n)
	case a.scale <= sReal:
		return rational(a).Cmp(rational(b))
	case a.scale == sText && nocase:
		return bytes.Compare([]byte(sqlexpr.LowerASCII(string(a.b))), []byte(sqlexpr.LowerASCII(string(b.b))))
	case a.scale == sText && rtrim:
		return bytes.Compare(bytes.TrimRight(a.b, " "), bytes.TrimRight(b.b, " "))
	}
	return bytes.Compare(a.b, b.b)
}

func compareFloatInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func rational(v value) *big.Float {
	if v.scale == sReal {
		return new(big.Float).SetFloat64(v.float())
	}
	return new(big.Float).SetInt64(v.n)
}
