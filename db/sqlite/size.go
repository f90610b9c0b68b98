package sqlite

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

// What rows take in the file, in bytes: the file format of SQLite, https://sqlite.org/fileformat2.html.
const (
	pageHeader  = 8
	cellPointer = 2
	grownFull   = 0.7     // of an index's pages, where entries come anywhere
	innerPages  = 1.01    // times: pages above the leaves
	recordBytes = 150_000 // of the record of a run
)

// size gives the bytes of the file that are in use, and those of a page.
func (db *DB) size(ctx context.Context) (holds, page float64, err error) {
	var pages, free, each int64
	err = db.queryRow(ctx, []any{&pages, &free, &each},
		"select page_count, freelist_count, page_size from pragma_page_count, pragma_freelist_count, pragma_page_size")
	return float64((pages - free) * each), float64(each), db.failure("look at the size of "+db.path, err)
}

// diskBytes is what the rows of a load take with all indexes of their table.
func (db *DB) diskBytes(ctx context.Context, l *sink.Load, page float64) (float64, error) {
	if l.Sample == nil || l.Sample.N == 0 {
		return 0, nil
	}
	var e encoded
	var affinities []affinity
	for _, name := range l.Target.Columns {
		affinities = append(affinities, affinityOf(l.Target.Table.Column(name).Type.Name))
	}
	if err := e.encode(l.Sample, affinities); err != nil {
		return 0, fmt.Errorf("%s: %w", l.Target.Name, err)
	}
	rows := float64(l.Rows)
	key := math.Floor(math.Log2(rows+1)/7) + 1 // a variable-length integer: 7 bits a byte
	table := l.Target.Table
	clustered := slices.Contains(table.Options, "without rowid")
	var all []int
	for i, name := range l.Target.Columns {
		if clustered || table.PrimaryKey == nil || !slices.Equal(table.PrimaryKey.Columns, []string{name}) ||
			!strings.EqualFold(table.Column(name).Type.Name, "integer") { // else it is the row's number itself
			all = append(all, i)
		}
	}
	full := 1.0
	if clustered {
		full, key = grownFull, 0
	}
	unseen := len(table.Columns) - len(all) // nulls, the row's number, or made by the database
	sum := pagesOf(rows, e.payload(all)+float64(unseen)+key, page, full)
	indexes, err := db.sizedIndexes(ctx, table.Name)
	if err != nil {
		return 0, err
	}
	for _, x := range indexes {
		var of []int
		for _, name := range x.columns {
			if i := slices.Index(l.Target.Columns, name); i >= 0 {
				of = append(of, i)
			}
		}
		if x.origin == "pk" && clustered {
			continue // the table itself
		}
		full := grownFull
		if x.origin == "c" && l.Loading.Indexes > 0 || len(of) == 1 && e.rises(of[0]) {
			full = 1
		}
		entries := rows
		if x.some {
			entries /= 2
		}
		sum += pagesOf(entries, e.payload(of)+rowidBytes(rows), page, full)
	}
	return sum, nil
}

// sizedIndex is an index of a table.
type sizedIndex struct {
	origin  string // c: by a statement; u, pk: by a constraint
	some    bool   // it has a predicate
	columns []string
}

func (db *DB) sizedIndexes(ctx context.Context, table string) (out []sizedIndex, err error) {
	n := 0
	if err := db.queryRow(ctx, &n, "select count(*) from pragma_index_list(?1, 'main')", table); err != nil {
		return nil, db.failure("look at the indexes of "+table, err)
	}
	for i := range n {
		var x sizedIndex
		var names []byte
		if err := db.queryRow(ctx, []any{&x.origin, &x.some, &names}, `select origin, partial,
			(select group_concat(name, char(10)) from pragma_index_info(l.name, 'main'))
			from pragma_index_list(?1, 'main') l where seq = ?2`, table, i); err != nil {
			return nil, db.failure("look at the indexes of "+table, err)
		}
		x.columns = strings.Split(string(names), "\n")
		out = append(out, x)
	}
	return out, nil
}

// pagesOf is the size of so many cells in pages that are filled to a share; what is too long for a page goes on in
// others, which hold nothing else.
func pagesOf(n, payload, page, full float64) float64 {
	cell := payload + cellPointer + 2 // the payload's own length
	more := 0.0
	if most := page - 35; payload > most {
		least := (page-12)*32/255 - 23
		here := least + math.Mod(payload-least, page-4)
		if here > most {
			here = least
		}
		more = math.Ceil((payload-here)/(page-4)) * page
		cell = here + cellPointer + 6
	}
	each := max(1, math.Floor((page-pageHeader)*full/cell))
	return math.Ceil(n/each)*page*innerPages + n*more
}

// rowidBytes is the size of a row's number as a value.
func rowidBytes(rows float64) float64 { return 1 + float64(intBytes(int64(rows))) }

// payload is the size of a record of some columns, on average: a header with the type of each, and their cells.
func (e *encoded) payload(of []int) float64 {
	sum := 0
	for row := range e.n {
		sum++
		for _, i := range of {
			sum += e.cols[i].storedBytes(row)
		}
	}
	return float64(sum) / float64(e.n)
}

// storedBytes is the size of a cell with its type.
func (c *cells) storedBytes(row int) int {
	if c.Null(row) {
		return 1
	}
	switch c.Kind {
	case column.Int:
		return 1 + intBytes(c.Ints[row])
	case column.Float:
		if f := c.Floats[row]; f == math.Trunc(f) && math.Abs(f) < 1<<47 {
			return 1 + intBytes(int64(f)) // as SQLite keeps it
		}
		return 9
	}
	n := len(c.Bytes(row))
	switch {
	case n < 58:
		return 1 + n
	case n < 8186:
		return 2 + n
	}
	return 3 + n
}

// intBytes is the size of a whole number.
func intBytes(n int64) int {
	if n < 0 {
		n = ^n
	}
	switch {
	case n <= 1:
		return 0
	case n < 1<<7:
		return 1
	case n < 1<<15:
		return 2
	case n < 1<<23:
		return 3
	case n < 1<<31:
		return 4
	case n < 1<<47:
		return 6
	}
	return 8
}

// rises tells whether the cells of a column only grow.
func (e *encoded) rises(i int) bool {
	return e.cols[i].Kind == column.Int && slices.IsSorted(e.cols[i].Ints)
}
