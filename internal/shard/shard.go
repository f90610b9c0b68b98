// Package shard knows the parts that the rows of a run are divided into, and learns from the engine which has started
// a process which of them is its own.
package shard

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Shard is one of Count parts of every table's rows, counted from 1. The zero Shard is all rows.
type Shard struct {
	Index int `json:"index"`
	Count int `json:"count"`
}

// Most is the largest number of shards.
const Most = 1_000_000

// step is what bounds of shards are multiples of, in tables that are large enough.
const step = 1000

// Rows gives the shard's part of n rows: the number of its first one, and how many there are.
func (s Shard) Rows(n int64) (first, rows int64) {
	if s.Count == 0 {
		return 0, n
	}
	bound := func(i int) int64 {
		count := int64(s.Count)
		at := n/count*int64(i) + n%count*int64(i)/count
		if n/count >= step && i < s.Count {
			at -= at % step
		}
		return at
	}
	first = bound(s.Index - 1)
	return first, bound(s.Index) - first
}

// Of gives the shard's part of n things that are not divided: the number of its first one, and how many there are.
func (s Shard) Of(n int64) (first, own int64) {
	count := int64(max(s.Count, 1))
	bound := func(i int64) int64 { return n/count*i + n%count*i/count }
	i := int64(max(s.Index, 1))
	return bound(i - 1), bound(i) - bound(i-1)
}

// Owner is the shard, of count, whose part of n things has the one with this number.
func Owner(at, n int64, count int) Shard {
	i := sort.Search(count, func(i int) bool {
		first, own := Shard{i + 1, count}.Of(n)
		return at < first+own
	})
	return Shard{i + 1, count}
}

// String gives "2/8", and "" for all rows.
func (s Shard) String() string {
	if s.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// Parse reads I/N; "" is all rows.
func Parse(text string) (Shard, error) {
	if text == "" {
		return Shard{}, nil
	}
	i, n, ok := strings.Cut(text, "/")
	index, err1 := strconv.Atoi(i)
	count, err2 := strconv.Atoi(n)
	if !ok || err1 != nil || err2 != nil || index < 1 || count < index || count > Most {
		return Shard{}, fmt.Errorf("write I/N, the part and how many there are, such as 1/4 to 4/4, or auto")
	}
	return Shard{Index: index, Count: count}, nil
}
