package postgres

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// What a server's own work takes, in nanoseconds of the processor, on PostgreSQL 15 where the probe takes probeNanos:
// measured on the tables of the built-in scenario genonaut and on keys of 200,000 rows, each statement by itself.
const (
	costRow      = 250.0 // a row: COPY, its place in the table, the log
	costCell     = 70.0
	costByte     = 9.0  // of a cell's text
	costJSONByte = 26.0 // parsed, and compressed where it is long

	sortRow     = 600.0 // an index is built: a row, a further column, a byte of texts, of the whole row that is read
	sortColumn  = 250.0
	sortByte    = 8.0
	readByte    = 0.4
	insertLast  = 1200.0 // a row finds its place in a btree, at its right edge or anywhere
	insertRow   = 3000.0
	insertSmall = 1500.0 // anywhere in a small one
	small       = 20_000 // rows

	checkKey   = 750.0  // a row's foreign key, all at once after the load
	triggerKey = 5000.0 // by itself, in place
	statCell   = 600.0  // of the sample that statistics are made of
	statRows   = 30_000 // in the sample

	costPiece  = 3e6    // a statement of DDL, with its own transaction
	costTable  = 12e6   // the transactions, statistics and catalogue of a table
	probeNanos = 16.5e6 // of probe
	mostSlower = 100.0  // times: a probe says no more
)

// probe is a little of the work that a load is made of: texts are hashed and sorted.
const probe = "select count(*) from (select md5(i::text) as x from generate_series(1, 8000) i order by x offset 0) y"

// Other programs take their share of a server only from what lasts a while.
const (
	leastProbes, mostProbes = 2, 5
	probeLong               = 400 * time.Millisecond
)

// indexKind is what building an index costs whose cells are no plain values, by its operator class or its method: a row,
// and a byte of its cells, in nanoseconds.
var indexKinds = map[string]struct{ row, byte float64 }{
	"tsvector_ops": {3000, 60}, "jsonb_ops": {1000, 54}, "jsonb_path_ops": {1000, 31}, "array_ops": {1000, 54}, "gin_trgm_ops": {1000, 900},
	"gin": {3000, 60}, "gist": {12_000, 10}, "spgist": {8000, 10}, "brin": {100, 0}, "hash": {900, 2},
}

const (
	toVector = 195.0 // a byte of what to_tsvector reads
	inPlace  = 1.6   // times: rows are added to such an index one by one
	partial  = 0.5   // of the rows, in an index with a predicate, for all that is known
)

// priced is an index that stands.
type priced struct {
	name, method, class, text string // text: its expressions
	unique, some              bool
	columns                   []string // that it reads
}

// Price implements sink.Pricer.
func (db *DB) Price(ctx context.Context, loads []sink.Load, slower float64) (*sink.Prices, error) {
	out := &sink.Prices{Of: make([]sink.Price, len(loads)), Slower: slower, Record: recordBytes}
	err := db.read(ctx, func(s *session) (err error) {
		if slower == 0 {
			if out.Slower, err = slowness(ctx, s); err != nil {
				return err
			}
		}
		indexes, err := pricedIndexes(ctx, s, loads)
		if err != nil {
			return err
		}
		attributes, err := sizedAttributes(ctx, s, loads)
		if err != nil {
			return err
		}
		for i := range loads {
			out.Of[i] = price(&loads[i], indexes[i], out.Slower)
			out.Of[i].Bytes = diskBytes(loads, i, attributes[i], indexes[i])
		}
		holds, err := s.number(ctx, "select pg_database_size(current_database())")
		out.Holds = float64(holds)
		return err
	})
	return out, explain(ctx, "look at what a load takes in "+db.where, err)
}

// slowness is how many times longer the probe takes than where the figures were measured.
func slowness(ctx context.Context, s *session) (float64, error) {
	started, times := time.Now(), 0
	for times < mostProbes && (times < leastProbes || time.Since(started) < probeLong) {
		if _, err := s.number(ctx, probe); err != nil {
			return 0, err
		}
		times++
	}
	return min(float64(time.Since(started).Nanoseconds())/float64(times)/probeNanos, mostSlower), nil
}

// pricedIndexes gives the indexes of each load's table.
func pricedIndexes(ctx context.Context, s *session, loads []sink.Load) ([][]priced, error) {
	out := make([][]priced, len(loads))
	names := make([]string, len(loads))
	for i := range loads {
		names[i] = tableSQL(loads[i].Target.Table)
	}
	err := s.each(ctx, `select t.n, c.relname, a.amname, coalesce(o.opcname, ''), coalesce(pg_get_expr(i.indexprs, i.indrelid), ''), i.indisunique, i.indpred is not null,
		(select coalesce(string_agg(distinct f.attname, E'\n'), '') from pg_attribute f where f.attrelid = i.indrelid and (f.attnum = any (i.indkey::int2[])
			or exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refclassid = 'pg_class'::regclass
				and d.refobjid = i.indrelid and d.refobjsubid = f.attnum)) and f.attnum > 0)
		from unnest($1::text[]) with ordinality t (name, n) join pg_index i on i.indrelid = t.name::regclass join pg_class c on c.oid = i.indexrelid
		join pg_am a on a.oid = c.relam left join pg_opclass o on o.oid = i.indclass[0] order by t.n, c.relname`, func(r [][]byte) error {
		x := priced{name: string(r[1]), method: string(r[2]), class: string(r[3]), text: string(r[4]), unique: toBool(r[5]), some: toBool(r[6])}
		if len(r[7]) > 0 {
			x.columns = strings.Split(string(r[7]), "\n")
		}
		at := toInt(r[0]) - 1
		out[at] = append(out[at], x)
		return nil
	}, nameArray(names))
	return out, err
}

// price adds up a table's work.
func price(l *sink.Load, indexes []priced, slower float64) (out sink.Price) {
	if l.Rows == 0 {
		return out
	}
	nanos := func(n float64) time.Duration { return time.Duration(min(n*slower, math.MaxInt64/4)) }
	rows := float64(l.Rows)
	row := costRow
	for i, bytes := range l.Bytes {
		each := costByte
		if c := l.Target.Table.Column(l.Target.Columns[i]); c != nil && strings.HasPrefix(c.Type.Name, "json") {
			each = costJSONByte
		}
		row += costCell + each*bytes
	}
	taken := costTable + rows*row
	for _, x := range indexes {
		gone := l.Loading.Indexes > 0 && !x.unique || l.Loading.Uniques > 0 && x.unique && slices.Contains(l.Target.Uniques, x.name)
		if gone {
			out.Pieces = append(out.Pieces, nanos(costPiece+x.build(l)))
		} else {
			taken += x.insert(l)
		}
	}
	for range l.Target.Table.ForeignKeys {
		if l.Loading.Keys > 0 {
			out.Pieces = append(out.Pieces, nanos(costPiece+rows*checkKey))
		} else {
			taken += rows * triggerKey
		}
	}
	sampled := min(rows, statRows)
	stats := costPiece + sampled*(statCell*float64(len(l.Bytes))+readByte*l.RowBytes())
	for _, x := range indexes { // statistics are made of expressions too
		if x.text != "" {
			stats += x.expression(l) * sampled
		}
	}
	out.Rows, out.Pieces = nanos(taken), append(out.Pieces, nanos(stats))
	return out
}

// bytes is the size of the cells that an index reads.
func (x *priced) bytes(l *sink.Load) (sum float64) {
	for _, c := range x.columns {
		sum += l.CellBytes(c)
	}
	return sum
}

// expression is what its expressions take for a row.
func (x *priced) expression(l *sink.Load) float64 {
	switch {
	case strings.Contains(x.text, "to_tsvector("):
		return toVector * x.bytes(l)
	case x.text != "":
		return 200 + 5*x.bytes(l)
	}
	return 0
}

// build is what building the index takes, for all rows.
func (x *priced) build(l *sink.Load) float64 {
	rows := float64(l.Rows)
	read := readByte * min(l.RowBytes(), 2000) * rows // longer values stand elsewhere
	if x.some {
		rows *= partial
	}
	return read + rows*(x.row(l)+x.expression(l))
}

// row is what a row takes where the index is built at once.
func (x *priced) row(l *sink.Load) float64 {
	if k, ok := indexKinds[x.class]; ok {
		return k.row + k.byte*x.bytes(l)
	}
	if k, ok := indexKinds[x.method]; ok {
		return k.row + k.byte*x.bytes(l)
	}
	return sortRow + sortColumn*float64(max(len(x.columns)-1, 0)) + sortByte*x.bytes(l)
}

// insert is what keeping the index in place takes, for all rows.
func (x *priced) insert(l *sink.Load) float64 {
	rows := float64(l.Rows)
	if x.some {
		rows *= partial
	}
	each := x.expression(l)
	switch {
	case x.method != "btree":
		each += inPlace * x.row(l)
	case l.Rows < small:
		each += insertSmall
	case len(x.columns) == 1 && rising(l.Target.Table, x.columns[0]):
		each += insertLast
	default:
		each += insertRow
	}
	return rows * each
}

// rising tells whether a column is likely to count up: a whole number that is a key.
func rising(t *schema.Table, name string) bool {
	c := t.Column(name)
	return c != nil && (c.Sequence != "" || strings.HasSuffix(c.Type.Base, "int") || strings.HasPrefix(c.Type.Base, "int"))
}
