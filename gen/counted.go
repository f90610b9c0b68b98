package gen

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// counted is the Filler of values that are written from a number: distinct numbers give distinct
// values.
type counted struct {
	what   string
	typ    string // of literals: the type that they are made for
	key    rng.Key
	kind   column.Kind // a variable one
	card   uint64      // numbers, at most full
	write  func(b []byte, i uint64) []byte
	maxLen int // characters; 0: unknown
	rules  []Rule
}

func (f *counted) Kind() column.Kind { return f.kind }
func (f *counted) Facts() Facts      { return Facts{Drawn: true} }
func (f *counted) String() string    { return f.what }
func (f *counted) Bounds() Bounds    { return Bounds{MaxLen: f.maxLen} }
func (f *counted) Rules() []Rule     { return f.rules }
func (f *counted) Card() uint64      { return f.card }
func (f *counted) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		dst.Data = f.write(dst.Data, st.N(f.card))
		dst.EndCell()
	}
	return nil
}
func (f *counted) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	dst.Data = f.write(dst.Data, i)
	dst.EndCell()
}

// literally makes f a Filler of literals of a type. Its rules do not go with it: types that have no kind of their
// own have operators of their own too.
func literally(typ string, f *drawn) *literals { return &literals{f, typ} }

type literals struct {
	*drawn
	typ string // that they are made for
}

func (f *literals) Kind() column.Kind { return column.Literal }
func (f *literals) Rules() []Rule     { return nil }

// typeNames are catalog names of types by those that people write.
var typeNames = map[string]string{
	"integer": "int4", "bigint": "int8", "smallint": "int2", "real": "float4", "double precision": "float8", "boolean": "bool",
	"character varying": "varchar", "character": "bpchar", "bit varying": "varbit",
	"time without time zone": "time", "time with time zone": "timetz",
	"timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz", `"char"`: "char",
}

// baseOf gives the catalog's name of a type, without its schema: "int4", "timetz", "ltree"; "" where the
// type is unknown.
func baseOf(t schema.Type) string {
	if t.Base != "" {
		return t.Base
	}
	name := t.Name
	if base, ok := typeNames[name]; ok {
		return base
	}
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		name = name[at+1:]
	}
	return strings.Trim(name, `"`)
}

// typeArgument gives the argument of a generator that says which type it writes: what is given, or the
// column's own, or the default, where the column has none of those that are known.
func typeArgument(given string, c *Context, byDefault string, known ...string) (string, error) {
	if given == "" {
		given = byDefault
		if base := baseOf(c.Type); slices.Contains(known, base) {
			given = base
		}
	}
	if !slices.Contains(known, given) {
		return "", unknown("type", given, known...)
	}
	return given, nil
}
