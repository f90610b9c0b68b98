package postgres

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/klauspost/compress/s2"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sqlexpr"
)

// What rows take on disk, in bytes, with pages of 8 kB: storage/bufpage.h, access/htup_details.h, access/nbtree.h and
// access/heaptoast.h of PostgreSQL.
const (
	pageBytes   = 8192.0
	pageRoom    = pageBytes - 24 // behind the page's header
	itemBytes   = 4              // a row's or an entry's place in the page
	rowHeader   = 23
	mapBytes    = 32_768.0 // of a table: the maps of free and of visible pages, where it has some pages
	longRow     = 2032     // bytes of a row from which its long cells are compressed, then moved out
	chunkBytes  = 1996     // of a cell that was moved out, a row of another table each
	chunkHeader = 44       // header and place of such a row, with its entry in that table's index
	pointer     = 18       // that stands in the row then
	entryHeader = 8
	leafRoom    = pageRoom - 16
	builtFull   = 0.9  // of a btree's leaves, where it is built at once or grows at its right edge
	grownFull   = 0.68 // and where entries come anywhere
	tidBytes    = 6    // of each further row with the same key, in btrees that fold these together
	recordBytes = 600_000
)

// entryKinds are the bytes that indexes of other kinds take, by operator class or method: for a row, and for a byte of
// its cells.
var entryKinds = map[string]struct{ row, byte float64 }{
	"gin_trgm_ops": {0, 2.2}, "gist": {40, 1.2}, "spgist": {45, 1.2}, "brin": {0, 0}, "hash": {32, 0},
}

// Inverted indexes hold each different word (element, key, value) once, with the places of its rows, compressed.
const (
	placeBytes = 1.7
	wordHeader = 20
)

// attribute is a column as the catalogue describes how it is stored.
type attribute struct {
	name    string
	length  int  // -1, -2: it varies
	align   byte // c, s, i, d: 1, 2, 4 or 8 bytes
	storage byte // p: never compressed nor moved, e: moved alone, m, x
}

// sizedAttributes gives the columns of each load's table, in the order in which rows hold them.
func sizedAttributes(ctx context.Context, s *session, loads []sink.Load) ([][]attribute, error) {
	out := make([][]attribute, len(loads))
	names := make([]string, len(loads))
	for i := range loads {
		names[i] = tableSQL(loads[i].Target.Table)
	}
	err := s.each(ctx, `select t.n, a.attname, a.attlen, a.attalign, a.attstorage
		from unnest($1::text[]) with ordinality t (name, n) join pg_attribute a on a.attrelid = t.name::regclass
		where a.attnum > 0 and not a.attisdropped order by t.n, a.attnum`, func(r [][]byte) error {
		at := toInt(r[0]) - 1
		out[at] = append(out[at], attribute{string(r[1]), int(toInt(r[2])), r[3][0], r[4][0]})
		return nil
	}, nameArray(names))
	return out, err
}

func (a *attribute) aligned(at int) int {
	n := map[byte]int{'s': 2, 'i': 4, 'd': 8}[a.align]
	if n == 0 {
		return at
	}
	return (at + n - 1) / n * n
}

// diskBytes is what the rows of a load take with all indexes of their table, the keys of others that they hold repeating
// as often as there are fewer of these.
func diskBytes(loads []sink.Load, at int, attributes []attribute, indexes []priced) float64 {
	l := &loads[at]
	if l.Rows == 0 || l.Sample == nil || l.Sample.N == 0 {
		return 0
	}
	z := &sizes{load: l, all: loads, attributes: attributes}
	sum := z.heap()
	for i := range indexes {
		sum += z.index(&indexes[i])
	}
	return sum
}

// sizes measures a load by the sample of its rows.
type sizes struct {
	load       *sink.Load
	all        []sink.Load
	attributes []attribute
}

// cells gives the sample's cells of a column; nil where the load does not write it.
func (z *sizes) cells(name string) *column.Vec {
	if i := slices.Index(z.load.Target.Columns, name); i >= 0 {
		return z.load.Sample.Vecs[i]
	}
	return nil
}

// size is that of one cell without its length; 0 where it is null.
func (z *sizes) size(a *attribute, row int) int {
	v, c := z.cells(a.name), z.load.Target.Table.Column(a.name)
	switch {
	case v == nil && c != nil && (c.Computed != "" || c.Default != "" || c.Identity != ""): // the database makes it
		if a.length > 0 {
			return a.length
		}
		return max(1, z.computedFrom(c, row))
	case v == nil || v.Null(row):
		return 0
	case a.length > 0:
		return a.length
	case c == nil:
		return 8
	}
	return max(1, cellBytes(v, row, &c.Type))
}

// computedFrom is the size of the cells that an expression reads; 0 where it is not understood.
func (z *sizes) computedFrom(c *schema.Column, row int) (sum int) {
	e, err := sqlexpr.Parse(c.Computed, false)
	if err != nil {
		return 0
	}
	for _, name := range sqlexpr.Columns(e) {
		if v := z.cells(name); v != nil && v.Kind.Variable() && !v.Null(row) {
			sum += len(v.Bytes(row))
		}
	}
	return sum
}

// cellBytes is the size of a cell whose type has none of its own.
func cellBytes(v *column.Vec, row int, t *schema.Type) int {
	if v.Kind == column.Decimal {
		return numericBytes(v.AppendText(nil, row))
	}
	text := v.AppendText(nil, row)
	switch {
	case t.JSONB:
		return len(text) + len(text)/10
	case t.Kind != column.Literal:
		return len(text)
	case t.Element != nil && strings.HasPrefix(t.Base, "_"):
		return arrayBytes(text, t.Element)
	case t.Base == "numeric":
		return numericBytes(text)
	case t.Base == "inet" || t.Base == "cidr":
		if bytes.IndexByte(text, ':') >= 0 {
			return 18
		}
		return 6
	case t.Name == "vector" || strings.HasSuffix(t.Name, ".vector"):
		return 4 + 4*(1+bytes.Count(text, []byte{','}))
	case t.Name == "halfvec" || strings.HasSuffix(t.Name, ".halfvec"):
		return 4 + 2*(1+bytes.Count(text, []byte{','}))
	}
	return len(text)
}

// numericBytes is the size of a numeric: groups of four digits on both sides of the point.
func numericBytes(text []byte) int {
	whole, fraction, _ := bytes.Cut(bytes.TrimLeft(text, "-"), []byte{'.'})
	fraction = bytes.TrimRight(fraction, "0")
	whole = bytes.TrimLeft(whole, "0")
	return 2 + 2*((len(whole)+3)/4+(len(fraction)+3)/4)
}

// arrayBytes is the size of an array, given as its text.
func arrayBytes(text []byte, of *schema.Type) int {
	n := bytes.Count(text, []byte{','}) + 1
	if len(text) <= 2 {
		return 12
	}
	width := of.Width
	switch of.Kind {
	case column.Bool:
		width = 1
	case column.Date:
		width = 4
	case column.Time, column.Timestamp:
		width = 8
	case column.UUID:
		width = 16
	}
	if width > 0 {
		return 20 + n*width
	}
	return 20 + n*6 + len(text) - n // a length of 4, and what alignment takes
}

// heap is the size of the table itself, with the cells that are moved out of its rows.
func (z *sizes) heap() float64 {
	var rows, out float64
	cells := make([]int, len(z.attributes))
	for row := range z.load.Sample.N {
		nulls := false
		for i := range z.attributes {
			cells[i] = z.size(&z.attributes[i], row)
			nulls = nulls || cells[i] == 0
		}
		inside, outside := z.row(cells, nulls, row)
		rows += inside
		out += outside
	}
	n := float64(z.load.Sample.N)
	each := max(1, math.Floor(pageRoom/(rows/n+itemBytes)))
	bytes := math.Ceil(float64(z.load.Rows)/each)*pageBytes + mapBytes + out/n*float64(z.load.Rows)
	if slices.ContainsFunc(z.attributes, func(a attribute) bool { return a.length < 0 && a.storage != 'p' }) {
		bytes += pageBytes // of the index of the table for what is moved out
	}
	return bytes
}

// row is the size of a row, and that of what is moved out of it. Its long cells are compressed, the longest first, until
// it is short enough, and then moved out.
func (z *sizes) row(cells []int, nulls bool, row int) (inside, outside float64) {
	done := make([]byte, len(cells)) // 1: compressed, or tried; 2: moved out
	for {
		total := z.tuple(cells, nulls)
		if total <= longRow {
			return float64(total), outside
		}
		at, most := -1, byte(0)
		for most = 1; most <= 2 && at < 0; most++ {
			for i, a := range z.attributes {
				if a.length < 0 && a.storage != 'p' && cells[i] > pointer && done[i] < most && (most == 2 || a.storage != 'e') && (at < 0 || cells[i] > cells[at]) {
					at = i
				}
			}
		}
		if at < 0 {
			return float64(total), outside
		}
		if done[at]++; most-1 == 1 {
			cells[at] = z.compressed(z.attributes[at].name, row, cells[at])
			continue
		}
		chunks := math.Ceil(float64(cells[at]) / chunkBytes)
		done[at], outside = 2, outside+(float64(cells[at])+chunks*chunkHeader)*pageBytes/pageRoom
		cells[at] = pointer
	}
}

// compressed is the size of a cell behind compression; one that would not save a quarter is left as it is.
func (z *sizes) compressed(name string, row, size int) int {
	v := z.cells(name)
	if v == nil || !v.Kind.Variable() {
		return size
	}
	cell := v.Bytes(row)
	if len(cell) == 0 {
		return size
	}
	small := int(float64(size) * float64(len(s2.Encode(nil, cell))) / float64(len(cell)))
	if small > size*3/4 {
		return size
	}
	return small
}

// tuple is the size of a row with cells of these sizes.
func (z *sizes) tuple(cells []int, nulls bool) int {
	at := rowHeader
	if nulls {
		at += (len(cells) + 7) / 8
	}
	at = (at + 7) / 8 * 8
	return (z.data(at, z.attributes, cells) + 7) / 8 * 8
}

// data is where cells end that begin at some place. Short ones of varying length have a length of one byte and no alignment.
func (z *sizes) data(at int, of []attribute, cells []int) int {
	for i, a := range of {
		switch n := cells[i]; {
		case n == 0:
		case a.length > 0:
			at = a.aligned(at) + n
		case n <= 126 && a.storage != 'p' || n == pointer:
			at += 1 + n
		default:
			at = a.aligned(at) + 4 + n
		}
	}
	return at
}

// index is the size of one index.
func (z *sizes) index(x *priced) float64 {
	rows := float64(z.load.Rows)
	if x.some {
		rows *= partial
	}
	for _, kind := range []string{x.class, x.method} {
		if k, ok := entryKinds[kind]; ok {
			return 3*pageBytes + rows*(k.row+k.byte*z.readBytes(x))
		}
	}
	if x.method == "gin" {
		return 3*pageBytes + z.words(x, rows)
	}
	if x.method != "btree" {
		return pageBytes + 2*rows*(entryHeader+itemBytes+z.readBytes(x))
	}
	entry := z.entry(x)
	full := builtFull
	gone := z.load.Loading.Indexes > 0 && !x.unique || z.load.Loading.Uniques > 0 && x.unique && slices.Contains(z.load.Target.Uniques, x.name)
	if !gone && !(len(x.columns) == 1 && z.rises(x.columns[0])) && rows > 1000 {
		full = grownFull
	}
	bytes := rows * (entry + itemBytes)
	if keys := z.keys(x, rows); !x.unique && keys < rows {
		const most = 200 // rows of one entry, about
		bytes = min(bytes, math.Max(keys, rows/most)*(entry+itemBytes)+rows*tidBytes)
	}
	return pageBytes*2 + bytes/full*pageBytes/leafRoom*1.005
}

// words is the size of an inverted index.
func (z *sizes) words(x *priced, rows float64) float64 {
	seen := map[string]bool{}
	var all, long float64
	for i, name := range z.load.Target.Columns {
		if !slices.Contains(x.columns, name) {
			continue
		}
		v := z.load.Sample.Vecs[i]
		for row := range v.Len() {
			if v.Null(row) {
				continue
			}
			inCell := map[string]bool{}
			for _, w := range strings.FieldsFunc(v.String(row), func(r rune) bool { return strings.ContainsRune(" \",:{}[]", r) }) {
				inCell[w] = true
			}
			for w := range inCell {
				if all++; !seen[w] {
					seen[w] = true
					long += float64(len(w))
				}
			}
		}
	}
	if all == 0 {
		return 0
	}
	places := all / float64(z.load.Sample.N) * rows
	keys := min(population(float64(len(seen)), all), places)
	return places*placeBytes + keys*(wordHeader+long/float64(len(seen)))/grownFull
}

// readBytes is the size of the cells that an index reads.
func (z *sizes) readBytes(x *priced) (sum float64) {
	for i := range z.attributes {
		if a := &z.attributes[i]; slices.Contains(x.columns, a.name) {
			for row := range z.load.Sample.N {
				sum += float64(z.size(a, row))
			}
		}
	}
	return sum / float64(z.load.Sample.N)
}

// entry is the size of an entry of a btree.
func (z *sizes) entry(x *priced) float64 {
	var of []attribute
	for _, a := range z.attributes { // those that are widened by alignment come in any order
		if slices.Contains(x.columns, a.name) {
			of = append(of, a)
		}
	}
	sum := 0
	cells := make([]int, len(of))
	for row := range z.load.Sample.N {
		at := entryHeader
		for i := range of {
			if cells[i] = z.size(&of[i], row); cells[i] == 0 {
				at = 2 * entryHeader // with a map of nulls
			}
		}
		sum += (z.data(at, of, cells) + 7) / 8 * 8
	}
	return min(float64(sum)/float64(z.load.Sample.N), leafRoom/3)
}

// rises tells whether the sample's cells of a column only grow.
func (z *sizes) rises(name string) bool {
	v := z.cells(name)
	return v == nil && rising(z.load.Target.Table, name) || v != nil && v.Kind.Integer() && slices.IsSorted(v.Ints)
}

// keys is the number of different keys of an index, as far as a sample tells.
func (z *sizes) keys(x *priced, rows float64) float64 {
	keys := 1.0
	for _, name := range x.columns {
		if keys *= z.values(name, rows); keys >= rows {
			return rows
		}
	}
	return max(keys, 1)
}

// values is the number of different cells of a column: of one that refers, at most that of its parent's rows.
func (z *sizes) values(name string, rows float64) float64 {
	for _, fk := range z.load.Target.Table.ForeignKeys {
		for i := range z.all {
			p := &z.all[i]
			if len(fk.Columns) == 1 && fk.Columns[0] == name && p.Target.Table.Name == fk.RefTable && p.Target.Table.Schema == fk.RefSchema {
				return min(rows, float64(p.Rows))
			}
		}
	}
	v := z.cells(name)
	if v == nil {
		return rows
	}
	seen := map[string]bool{}
	for i := range v.Len() {
		text := "" // all nulls are one
		if !v.Null(i) {
			text = "." + v.String(i)
		}
		seen[text] = true
	}
	return min(rows, population(float64(len(seen)), float64(v.Len())))
}

// population is the number of values of which n draws with equal chances meet so many different ones; infinite where no
// draw met a value twice.
func population(different, n float64) float64 {
	if different >= n {
		return math.Inf(1)
	}
	low, high := different, n*n
	for high-low > 0.5 {
		middle := (low + high) / 2
		if middle*(1-math.Pow(1-1/middle, n)) < different {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}
