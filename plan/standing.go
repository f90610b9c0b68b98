package plan

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// StandingColumns gives, by table, the columns of standing tables whose cells a plan of the blueprint reads:
// those that Options.Standing wants. Keys come first. The blueprint may have mistakes, which Build reports.
func StandingColumns(b *blueprint.Blueprint, db *schema.Database) map[string][]string {
	bd := newBuilder(b, db, Options{})
	bd.reads = map[*Table][]string{}
	bd.compileAll()
	out := map[string][]string{}
	for _, t := range bd.plan.Tables {
		if !t.Standing {
			continue
		}
		if t.Schema != nil && t.Schema.PrimaryKey != nil {
			out[t.Name] = append(out[t.Name], t.Schema.PrimaryKey.Columns...)
		}
		names := bd.reads[t]
		for _, child := range bd.plan.Tables {
			if child.Standing || child.Schema == nil {
				continue
			}
			for _, fk := range child.Schema.References() {
				if bd.tableOf(fk.RefSchema, fk.RefTable) == t {
					names = append(names, fk.RefColumns...)
				}
			}
		}
		slices.Sort(names)
		for _, name := range names {
			if !slices.Contains(out[t.Name], name) {
				out[t.Name] = append(out[t.Name], name)
			}
		}
	}
	return out
}

// read notes that cells of a standing table's column are asked for.
func (b *builder) read(c *Column) {
	if b.reads != nil && c.Table.Standing {
		b.reads[c.Table] = append(b.reads[c.Table], c.Name)
	}
}

// standing gives a standing table its rows and columns.
func (b *builder) standing(t *Table) {
	data := t.standing
	if data == nil {
		data = b.emptyStanding(t)
	}
	for _, spec := range t.spec.Columns {
		if data.Col(spec.Name) == nil && t.standing != nil {
			b.problemIn(t, spec.Pos, didYouMean(spec.Name, data.Names), "%s.%s: the standing rows of %s have no such column", t.Name, spec.Name, t.Name)
		}
	}
	if len(t.spec.Columns) > 0 {
		b.notice("%s: its rows stand in the database, and what the blueprint says of its columns is not used", t.Name)
	}
	for i, name := range data.Names {
		f := &standingCells{vec: data.Vecs[i]}
		c := &Column{
			Table: t, Name: name, Kind: f.vec.Kind, Scale: f.vec.Scale, Nodes: []*Node{{Fill: f, raw: f}}, Spec: &blueprint.Column{Name: name, Pos: t.spec.Pos},
			state: compiled, parts: []state{compiled}, links: []*linkNode{nil},
		}
		f.distinct = b.reads != nil || distinctCells(f.vec)
		c.Unique = f.distinct
		t.declare(c)
	}
}

// emptyStanding stands for rows that nobody has read: none, or, where it is asked what to read, many.
func (b *builder) emptyStanding(t *Table) *column.Batch {
	out := new(column.Batch)
	if b.reads != nil {
		const many = 1 << 40
		t.Rows, t.Parts[0].Rows = many, many
	}
	if t.Schema != nil {
		for _, sc := range t.Schema.Columns {
			v := new(column.Vec)
			v.Reset(sc.Type.Kind)
			out.Names, out.Vecs = append(out.Names, sc.Name), append(out.Vecs, v)
		}
	}
	return out
}

// standingCells gives the cells of rows that stand in the database.
type standingCells struct {
	vec      *column.Vec
	distinct bool
}

func (f *standingCells) Kind() column.Kind { return f.vec.Kind }
func (f *standingCells) String() string    { return "cells that stand in the database" }
func (f *standingCells) Facts() gen.Facts {
	if f.vec.HasNulls() {
		return gen.Facts{Null: gen.SomeNull}
	}
	return gen.Facts{}
}
func (f *standingCells) Distinct() bool { return f.distinct }
func (f *standingCells) Scale() int     { return int(f.vec.Scale) }
func (f *standingCells) Fill(dst *column.Vec, s *gen.Span) error {
	dst.Scale = f.vec.Scale
	for i := range s.Rows.N {
		row := s.Rows.At(i)
		if row >= int64(f.vec.Len()) {
			return fmt.Errorf("row %d: only %d standing rows were read", row, f.vec.Len())
		}
		dst.AppendCell(f.vec, int(row))
	}
	return nil
}

// Bounds implements gen.Bounded.
func (f *standingCells) Bounds() (out gen.Bounds) {
	first := true
	for i := range f.vec.Len() {
		if f.vec.Null(i) {
			continue
		}
		switch {
		case f.vec.Kind.Variable():
			out.MaxLen = max(out.MaxLen, len(f.vec.Bytes(i)))
		case f.vec.Kind.Integer():
			x := f.vec.Ints[i]
			if first {
				out.Min, out.Max = x, x
			}
			out.Min, out.Max = min(out.Min, x), max(out.Max, x)
		}
		first = false
	}
	return out
}

// values gives the distinct values where they are few.
func (f *standingCells) values() ([]string, bool) {
	var out []string
	if f.vec.Len() > few {
		return nil, false
	}
	for i := range f.vec.Len() {
		if !f.vec.Null(i) {
			out = append(out, f.vec.String(i))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), true
}

// distinctCells tells whether all cells of a vector differ and none is null.
func distinctCells(v *column.Vec) bool {
	seen := make(map[string]struct{}, v.Len())
	for i := range v.Len() {
		if v.Null(i) {
			return false
		}
		seen[v.String(i)] = struct{}{}
	}
	return len(seen) == v.Len()
}

// ResolvedStanding says which rows of a standing table a run referred to: their number, the first and the
// last of them, and a hash of all cells that were read.
type ResolvedStanding struct {
	Rows   int64             `json:"rows"`
	First  map[string]string `json:"first,omitempty"` // cells as text, without nulls
	Last   map[string]string `json:"last,omitempty"`
	Digest string            `json:"digest"`
	Each   []byte            `json:"each,omitempty"` // of not too many rows: 8 bytes for each, by which it is found among others
}

// mostFound are as many standing rows of a table as are found among others that came since.
const mostFound = 1 << 12

// resolvedStanding sums up the first n rows.
func resolvedStanding(data *column.Batch, n int) *ResolvedStanding {
	out := &ResolvedStanding{Rows: int64(n)}
	h := xxhash.New()
	if data != nil {
		for _, at := range byName(data) {
			v := data.Vecs[at]
			hashName(h, data, at)
			for i := range n {
				hashStanding(h, v, i)
			}
			if n > 0 {
				out.First, out.Last = noteCell(out.First, data.Names[at], v, 0), noteCell(out.Last, data.Names[at], v, n-1)
			}
		}
	}
	out.Digest = hex.EncodeToString(h.Sum(nil))
	if data != nil && n <= mostFound {
		out.Each = eachStanding(data, n)
	}
	return out
}

// byName gives the places of columns in the order of their names.
func byName(data *column.Batch) []int {
	order := make([]int, len(data.Names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(data.Names[a], data.Names[b]) })
	return order
}

func hashName(h *xxhash.Digest, data *column.Batch, at int) {
	name := data.Names[at]
	_, _ = h.Write(append(append(binary.AppendUvarint(nil, uint64(len(name))), name...), byte(data.Vecs[at].Kind)))
}

func hashStanding(h *xxhash.Digest, v *column.Vec, i int) {
	var buf []byte
	var head [9]byte
	if !v.Null(i) {
		buf = v.AppendText(nil, i)
		head[0] = 1
	}
	binary.LittleEndian.PutUint64(head[1:], uint64(len(buf)))
	_, _ = h.Write(head[:])
	_, _ = h.Write(buf)
}

// eachStanding gives 8 bytes for each of the first n rows.
func eachStanding(data *column.Batch, n int) (out []byte) {
	order := byName(data)
	for i := range n {
		h := xxhash.New()
		for _, at := range order {
			hashName(h, data, at)
			hashStanding(h, data.Vecs[at], i)
		}
		out = h.Sum(out)
	}
	return out
}

// among finds the rows that stood among those that stand now, in their order; nil where one of them is not there.
func (was *ResolvedStanding) among(data *column.Batch) (at []int) {
	if data == nil || len(was.Each) == 0 || int64(len(was.Each)) != 8*was.Rows || data.N > 1<<20 {
		return nil
	}
	now, rest := eachStanding(data, data.N), was.Each
	for i := 0; i < data.N && len(rest) > 0; i++ {
		if string(now[8*i:8*i+8]) == string(rest[:8]) {
			at, rest = append(at, i), rest[8:]
		}
	}
	if len(rest) > 0 {
		return nil
	}
	return at
}

func noteCell(m map[string]string, name string, v *column.Vec, i int) map[string]string {
	if v.Null(i) {
		return m
	}
	if m == nil {
		m = map[string]string{}
	}
	m[name] = v.String(i)
	return m
}

// cutStanding gives standing rows as a run knew them: where more stand now, behind those that it read or between few of
// them, they are left out. An error says that others stand.
func (t *Table) cutStanding(was *ResolvedStanding) (*column.Batch, error) {
	if was.Rows > t.Rows {
		return nil, fmt.Errorf("%d rows of %s stood when the run began, and now there are %d", was.Rows, t.Name, t.Rows)
	}
	n := int(was.Rows)
	stood := make([]int, n) // their places among those that stand now
	for i := range stood {
		stood[i] = i
	}
	if is := resolvedStanding(t.standing, n); is.Digest == was.Digest {
		if was.Rows == t.Rows {
			return t.standing, nil
		}
	} else if stood = was.among(t.standing); stood == nil {
		return nil, fmt.Errorf("the rows of %s are not those that stood when the run began (%d, from %v to %v)", t.Name, was.Rows, was.First, was.Last)
	}
	cut := &column.Batch{N: n, Names: t.standing.Names}
	for _, v := range t.standing.Vecs {
		w := new(column.Vec)
		w.ResetAs(v)
		for _, i := range stood {
			w.AppendCell(v, i)
		}
		cut.Vecs = append(cut.Vecs, w)
	}
	return cut, nil
}
