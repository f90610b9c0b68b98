package check

import (
	"bytes"
	"math"
	"math/big"
	"unicode/utf8"
)

// kind is what a type's values are, as far as this package goes.
type kind uint8

const (
	kUnknown kind = iota // a string literal whose type the context decides, or a null
	kBool
	kInt
	kNumeric
	kFloat
	kText
	kChar   // char(n): trailing blanks do not count
	kCitext // compares without regard to case
	kBytes
	kDate
	kTime
	kTimestamp // both with and without time zone: sessions are in UTC
	kInterval
	kUUID
	kJSON
	kJSONB
	kEnum
	kArray
	kRange
	kRow
	kOpaque // a type whose values are only ever null or not
)

// typ is a type.
type typ struct {
	kind   kind
	name   string // for messages
	width  int    // kInt: bytes. kFloat: 4 or 8
	length int    // of char(n)
	zone   bool   // kTimestamp: with time zone
	bytes  bool   // texts are ordered by their bytes
	lists  bool   // kRange: of integers or dates, whose bounds are made [)
	labels []string
	elem   *typ
	fields []*typ // kRow
}

var (
	unknownType   = &typ{kind: kUnknown, name: "unknown"}
	boolType      = &typ{kind: kBool, name: "boolean"}
	int2Type      = &typ{kind: kInt, width: 2, name: "smallint"}
	int4Type      = &typ{kind: kInt, width: 4, name: "integer"}
	int8Type      = &typ{kind: kInt, width: 8, name: "bigint"}
	numericType   = &typ{kind: kNumeric, name: "numeric"}
	float4Type    = &typ{kind: kFloat, width: 4, name: "real"}
	float8Type    = &typ{kind: kFloat, width: 8, name: "double precision"}
	textType      = &typ{kind: kText, name: "text"}
	charType      = &typ{kind: kChar, name: "character"}
	citextType    = &typ{kind: kCitext, name: "citext"}
	bytesType     = &typ{kind: kBytes, name: "bytea"}
	dateType      = &typ{kind: kDate, name: "date"}
	timeType      = &typ{kind: kTime, name: "time without time zone"}
	timestampType = &typ{kind: kTimestamp, name: "timestamp without time zone"}
	instantType   = &typ{kind: kTimestamp, zone: true, name: "timestamp with time zone"}
	intervalType  = &typ{kind: kInterval, name: "interval"}
	uuidType      = &typ{kind: kUUID, name: "uuid"}
	jsonType      = &typ{kind: kJSON, name: "json"}
	jsonbType     = &typ{kind: kJSONB, name: "jsonb"}
)

func (t *typ) number() bool { return t.kind == kInt || t.kind == kNumeric || t.kind == kFloat }
func (t *typ) text() bool   { return t.kind == kText || t.kind == kChar || t.kind == kCitext }
func (t *typ) moment() bool { return t.kind == kDate || t.kind == kTimestamp }

// same tells whether values of both types compare as they are.
func (t *typ) same(u *typ) bool {
	if t.kind != u.kind {
		return false
	}
	switch t.kind {
	case kArray, kRange:
		return t.elem.same(u.elem)
	case kEnum, kOpaque:
		return t.name == u.name
	}
	return true
}

// value is a cell or the result of an expression. What it holds depends on its type:
//
//	bool, int, date (days), time and timestamp (microseconds), enum (index of the label): n
//	numeric: n, or the *big.Int in x where it is wider, with scale digits behind the point
//	float: the bits in n
//	text, bytes, uuid, json, and ranges and arrays that were not read yet: b
//	interval: months in scale, days in n's ... see interval
//	array, row: *list in x
//	range: *span in x
type value struct {
	null  bool
	scale int32
	n     int64
	b     []byte
	x     any
}

var null = value{null: true}

func boolean(b bool) value {
	if b {
		return value{n: 1}
	}
	return value{}
}
func integer(n int64) value    { return value{n: n} }
func float(f float64) value    { return value{n: int64(math.Float64bits(f))} }
func (v value) float() float64 { return math.Float64frombits(uint64(v.n)) }
func (v value) isTrue() bool   { return !v.null && v.n != 0 }
func (v value) isFalse() bool  { return !v.null && v.n == 0 }
func text(b []byte) value      { return value{b: b} }
func wide(b *big.Int, s int32) value {
	if b.IsInt64() {
		return value{n: b.Int64(), scale: s}
	}
	return value{x: b, scale: s}
}

// list is an array of one dimension (more are refused), or a row.
type list struct {
	elems []value
}

// span is a range.
type span struct {
	empty       bool
	low, high   value // null: no bound
	lowIn, hiIn bool
}

// interval is a PostgreSQL interval.
type interval struct {
	months, days int32
	micros       int64
}

const (
	microsPerDay    = 24 * 3600 * 1_000_000
	microsPerSecond = 1_000_000
)

// compare gives the order of two values of a type, neither of them null. Texts are compared by their
// bytes: where that is not the database's order, the compiler has refused.
func (t *typ) compare(a, b value) int {
	switch t.kind {
	case kNumeric:
		return compareNumeric(a, b)
	case kFloat:
		return compareFloat(a.float(), b.float())
	case kText, kBytes, kUUID, kJSON:
		return bytes.Compare(a.b, b.b)
	case kChar:
		return bytes.Compare(bytes.TrimRight(a.b, " "), bytes.TrimRight(b.b, " "))
	case kCitext:
		return bytes.Compare(bytes.ToLower(a.b), bytes.ToLower(b.b))
	case kInterval:
		x, y := a.x.(*interval), b.x.(*interval)
		return x.span().Cmp(y.span())
	case kArray:
		return t.compareLists(a.x.(*list).elems, b.x.(*list).elems)
	case kRange:
		return t.compareSpans(a.x.(*span), b.x.(*span))
	case kJSONB:
		if equalJSON(a.b, b.b) {
			return 0
		}
		return 1
	}
	switch {
	case a.n < b.n:
		return -1
	case a.n > b.n:
		return 1
	}
	return 0
}

// compareFloat is PostgreSQL's order: NaN equals itself and is above all.
func compareFloat(a, b float64) int {
	switch {
	case a != a && b != b:
		return 0
	case a != a:
		return 1
	case b != b:
		return -1
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// span is the interval's length for comparisons: months of 30 days of 24 hours.
func (i *interval) span() *big.Int {
	days := big.NewInt(int64(i.months)*30 + int64(i.days))
	return days.Mul(days, big.NewInt(microsPerDay)).Add(days, big.NewInt(i.micros))
}

// compareLists compares arrays: element by element, nulls equal and above all.
func (t *typ) compareLists(a, b []value) int {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i].null && b[i].null:
			continue
		case a[i].null:
			return 1
		case b[i].null:
			return -1
		}
		if c := t.elem.compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

// compareSpans compares ranges as their operators < and = do.
func (t *typ) compareSpans(a, b *span) int {
	switch {
	case a.empty && b.empty:
		return 0
	case a.empty:
		return -1
	case b.empty:
		return 1
	}
	if c := t.compareBounds(a.low, a.lowIn, true, b.low, b.lowIn, true); c != 0 {
		return c
	}
	return t.compareBounds(a.high, a.hiIn, false, b.high, b.hiIn, false)
}

// compareBounds compares two bounds of ranges, each lower or upper, as places on the line.
func (t *typ) compareBounds(a value, aIn, aLow bool, b value, bIn, bLow bool) int {
	switch {
	case a.null && b.null:
		if aLow == bLow {
			return 0
		}
		if aLow {
			return -1
		}
		return 1
	case a.null:
		if aLow {
			return -1
		}
		return 1
	case b.null:
		if bLow {
			return 1
		}
		return -1
	}
	if c := t.elem.compare(a, b); c != 0 {
		return c
	}
	place := func(in, low bool) int { // an open bound lies just beyond its value
		switch {
		case in:
			return 0
		case low:
			return 1
		}
		return -1
	}
	return place(aIn, aLow) - place(bIn, bLow)
}

func runes(b []byte) int64 { return int64(utf8.RuneCount(b)) }
