// Package shard knows the parts that the rows of a run are divided into, and learns from the engine which has started
// a process which of them is its own.
package shard

import (
	"fmt"
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
