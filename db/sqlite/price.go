package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/sowerdata/sower/sink"
)

// What SQLite's own work takes, in nanoseconds where the probe takes probeNanos: measured on the tables of the built-in
// scenario genonaut and on keys of 200,000 rows.
const (
	insertRow  = 1500.0 // a row, one of its cells, a byte of these
	insertCell = 150.0
	insertByte = 3.0
	keepRow    = 2500.0 // a row of an index that stays in place
	checkKey   = 1500.0 // a row's foreign key
	sortRow    = 1200.0 // a row of an index that is built, a byte of the table that is read for it
	readByte   = 0.8
	statRow    = 150.0 // of each index
	perTable   = 2e6
	probeNanos = 13e6
	probes     = 4
	mostSlower = 100.0 // times: a probe says no more
)

// probe is a little of the work that a load is made of: texts are made and sorted.
const probe = `select count(*) from (with recursive c (i) as (select 1 union all select i + 1 from c where i < 10000)
	select hex(i * 2654435761 % 1000003) as x from c order by x limit 1000000 offset 0)`

// Price implements sink.Pricer.
func (db *DB) Price(ctx context.Context, loads []sink.Load, slower float64) (*sink.Prices, error) {
	started, n := time.Now(), 0
	for i := 0; i < probes && slower == 0; i++ {
		if err := db.queryRow(ctx, &n, probe); err != nil {
			return nil, db.failure("look at what a load takes in "+db.path, err)
		}
	}
	if slower == 0 {
		slower = min(float64(time.Since(started).Nanoseconds())/probes/probeNanos, mostSlower)
	}
	holds, page, err := db.size(ctx)
	if err != nil {
		return nil, err
	}
	nanos := func(n float64) time.Duration { return time.Duration(n * slower) }
	prices := &sink.Prices{Of: make([]sink.Price, len(loads)), Slower: slower, Holds: holds, Record: recordBytes}
	out := prices.Of
	for i := range loads {
		l := &loads[i]
		if l.Rows == 0 {
			continue
		}
		indexes := 0
		if err := db.queryRow(ctx, &indexes, "select count(*) from pragma_index_list(?1, 'main')", l.Target.Table.Name); err != nil {
			return nil, db.failure(fmt.Sprintf("look at the indexes of %s", l.Target.Name), err)
		}
		rows, keys := float64(l.Rows), float64(len(l.Target.Table.ForeignKeys))
		kept := float64(indexes - l.Loading.Indexes)
		out[i].Serial = true
		out[i].Rows = nanos(perTable + rows*(insertRow+insertCell*float64(len(l.Bytes))+insertByte*l.RowBytes()+keepRow*kept+checkKey*keys))
		for range l.Loading.Indexes {
			out[i].Pieces = append(out[i].Pieces, nanos(perTable+rows*(sortRow+readByte*l.RowBytes())))
		}
		out[i].Pieces = append(out[i].Pieces, nanos(rows*statRow*float64(indexes)))
		if out[i].Bytes, err = db.diskBytes(ctx, l, page); err != nil {
			return nil, err
		}
	}
	return prices, nil
}
