package gen

import (
	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// Filler makes the cells of one column. It is immutable after Make and shared by all workers.
type Filler interface {
	// Kind is the kind of every cell it makes.
	Kind() column.Kind
	// Fill appends s.Rows.N cells to dst, which has been Reset to Kind. The cells depend on s.Rows,
	// s.Attempt and s.Inputs alone.
	Fill(dst *column.Vec, s *Span) error
	// Facts are what is true of its cells.
	Facts() Facts
	// String describes it in one line, as plan shows it: "integer 1 to 6, normal".
	String() string
}

// Rows are the row numbers of a Span: N from First on, or those of List where it is not nil.
type Rows struct {
	First int64
	N     int
	List  []int64
}

// At gives the i-th row number.
func (r Rows) At(i int) int64 {
	if r.List != nil {
		return r.List[i]
	}
	return r.First + int64(i)
}

// Slice gives the rows from up to (excluding) to.
func (r Rows) Slice(from, to int) Rows {
	if r.List != nil {
		return Rows{N: to - from, List: r.List[from:to]}
	}
	return Rows{First: r.First + int64(from), N: to - from}
}

// Span is what a Filler fills.
type Span struct {
	Rows    Rows
	Attempt uint32        // 0, or the number of the redraw
	Again   uint32        // how many of the Attempts a check asked for: nulls are drawn again for those alone
	Inputs  []*column.Vec // the cells that the maker asked for with Context.Input, in that order, Rows.N each
	Scratch *Scratch
}

// Indexed is a Filler whose values can be numbered: distinct indexes give distinct values. It is what
// uniqueness is built on: a keyed bijection maps row numbers to indexes.
type Indexed interface {
	Filler
	// Card is the number of distinct values, at most 2^62 (more is reported as 2^62).
	Card() uint64
	// AppendIndex appends the value with the index i < Card().
	AppendIndex(dst *column.Vec, i uint64, sc *Scratch)
}

// Distinct is implemented by Fillers that may be distinct over all rows and attempts by themselves.
type Distinct interface {
	Distinct() bool
}

// Bounded is implemented by Fillers that know how large their values get, so that plan can hold them
// against the column's type.
type Bounded interface {
	Bounds() Bounds
}

// Bounds of a Filler's values. For the integer kinds Min and Max in the kind's unit; for the variable
// kinds MaxLen in characters.
type Bounds struct {
	Min, Max int64
	MaxLen   int
}

// Maker is a generator's arguments, decoded from the blueprint: a struct with yaml tags. A field with
// the tag short:"true" takes the whole argument where that is not a mapping.
type Maker interface {
	// OutputVersion is that of its cells, from 1 on: raised whenever the same arguments give others. A test holds that. The
	// record of a run has it for every column.
	OutputVersion() int
	// Make checks the arguments and compiles them. The error says what is wrong and what to do, without
	// naming the place: the caller adds it.
	Make(c *Context) (Filler, error)
}

// Context is what a maker may know.
type Context struct {
	Table, Column string
	Key           rng.Key     // of this generator's stream; nested generators derive theirs
	TableKey      rng.Key     // of the table: for generators of several columns that must agree
	Rows          int64       // number of rows that it fills: the table's, or the part's
	First         int64       // number in the table of the first of them
	Type          schema.Type // of the column in the database; the zero Type where none is known
	Fixed         []Fixed     // the rows whose cells are given: rows 0 to len-1, to be left out of quotas
	Version       int         // of the cells that are asked for: the maker's own, or an earlier one that it Keeps
	NotBefore     []string    // paths of cells that this one must not be before; the maker takes them or refuses
	Host          Host
}

// Sub compiles a nested generator with a stream of its own, named after its place.
func (c *Context) Sub(g blueprint.Generator, place string) (Filler, error) {
	sub := *c
	sub.Key, sub.Type, sub.Fixed, sub.NotBefore = c.Key.Derive(place), schema.Type{}, nil, nil
	return c.Host.Compile(&sub, g)
}

// Fixed is the given cell of a fixed row, nil where the row leaves this column to the generator.
type Fixed struct {
	Given bool
	Value any // nil, bool, int64, float64 or string
}

// Host answers what a maker asks of the plan.
type Host interface {
	// Compile decodes and makes a generator. Its error is already located.
	Compile(c *Context, g blueprint.Generator) (Filler, error)
	// Pool gives the pool of a name; Group gives the pools of a folder, in the order of their file names.
	Pool(name string) (*Pool, error)
	Group(name string) ([]*Pool, error)
	// Input declares that the Filler reads the cell at path: "created_at" of the same row, or of a
	// parent through links, "creator_id.created_at". Index is its place in Span.Inputs.
	Input(path string) (Input, error)
	// TableRows gives the number of rows of a table of the plan.
	TableRows(table string) (int64, error)
	// NamedRow gives the row number of a fixed row.
	NamedRow(table, name string) (int64, error)
	// Siblings gives the rows that the filled ones are among by their parents: those of a part, or of a column that
	// refers with per_parent; "" where there is only one of them.
	Siblings(of string) (*Siblings, error)
	// Fold declares that the Filler, a Folder, sums up cells of the rows of another table that belong to each row.
	Fold(f FoldSpec) (FoldInput, error)
	// Notice says something to the user that is no error.
	Notice(text string)
}

// Input is a declared input.
type Input struct {
	Index  int
	Path   string
	Kind   column.Kind
	Unique bool   // its cells are distinct over the table's rows
	Bounds Bounds // zero where unknown
}

// Slice gives the part of s from up to (excluding) to, with views of its inputs. done gives their
// memory back; calls nest.
func (s *Span) Slice(from, to int) (sub Span, done func()) {
	sub = Span{Rows: s.Rows.Slice(from, to), Attempt: s.Attempt, Again: s.Again, Scratch: s.Scratch}
	if from == 0 && to == s.Rows.N {
		sub.Inputs = s.Inputs
		return sub, func() {}
	}
	sc := s.Scratch
	mark, done := sc.markViews()
	for _, in := range s.Inputs {
		sc.lendView(in.View(from, to))
	}
	sub.Inputs = sc.views[mark:len(sc.views):len(sc.views)]
	return sub, done
}

// Scratch is one worker's spare memory. Fillers borrow from it during a call.
type Scratch struct {
	Index []int32
	vecs  []*column.Vec
	inUse int
	views []*column.Vec // lent by Slice; those behind the end, up to the capacity, are spare
	marks []int         // len(views) before each Slice that is not done
	dones []func()      // one for each depth of nesting
	spans []*Span       // for Fillers that call others
	depth int           // number of spans that are lent
	draw  rng.Stream    // for draws through function values, to which a local variable would escape
	expr  machine       // of expressions
}

// markViews notes how many views are lent, and gives the function that takes back all lent since.
func (s *Scratch) markViews() (mark int, done func()) {
	depth := len(s.marks)
	if depth == len(s.dones) {
		s.dones = append(s.dones, func() {
			s.views = s.views[:s.marks[depth]]
			s.marks = s.marks[:depth]
		})
	}
	mark = len(s.views)
	s.marks = append(s.marks, mark)
	return mark, s.dones[depth]
}

// lendView puts a view behind those that are lent.
func (s *Scratch) lendView(view column.Vec) {
	if n := len(s.views); n < cap(s.views) {
		s.views = s.views[:n+1] // what stood here before serves again
	} else {
		s.views = append(s.views, nil)
	}
	v := &s.views[len(s.views)-1]
	if *v == nil {
		*v = new(column.Vec)
	}
	**v = view
}

// lendSpan lends a Span until the matching returnSpan.
func (s *Scratch) lendSpan() *Span {
	if s.depth == len(s.spans) {
		s.spans = append(s.spans, new(Span))
	}
	s.depth++
	return s.spans[s.depth-1]
}

func (s *Scratch) returnSpan() { s.depth-- }

// Vec lends a Vec, Reset to kind k, until the matching Release.
func (s *Scratch) Vec(k column.Kind) *column.Vec {
	if s.inUse == len(s.vecs) {
		s.vecs = append(s.vecs, new(column.Vec))
	}
	v := s.vecs[s.inUse]
	s.inUse++
	v.Reset(k)
	return v
}

// Mark gives the number of lent Vecs; Release takes back all lent since.
func (s *Scratch) Mark() int { return s.inUse }

// Release takes back all Vecs lent since the Mark.
func (s *Scratch) Release(mark int) { s.inUse = mark }
