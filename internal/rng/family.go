package rng

import "sort"

// Family deals children, numbered from 0, out to parents in the parents' order: the children of a parent are
// neighbours. A [Split], a [Mixture] and a [Dealt] are Families, safe for concurrent use.
type Family interface {
	// Children gives the number of the first child of parent p and how many it has. It panics if p is no parent.
	Children(p int64) (first, count int64)
	// Parent gives the parent of child i and the rank of the child with it, from 0. It panics if i is no child.
	Parent(i int64) (p, rank int64)
	// Bounds appends the number of the first child of each parent from from up to (excluding) to, and behind them
	// that of the first child of parent to: at two nodes of the tree a parent, cheaper than as many calls of Children.
	Bounds(dst []int64, from, to int64) []int64
}

// Bounds implements [Family].
func (s *Split) Bounds(dst []int64, from, to int64) []int64 {
	if from < 0 || from > to || to > s.parents {
		panic("rng: Split parents out of range")
	}
	if from == to {
		return append(dst, s.firstOf(from))
	}
	for i := s.topNode(from); i < 1<<s.topLevel && s.bound(s.topLevel, i) < to; i++ {
		dst = s.walk(s.node(i), from, to, dst)
	}
	return append(dst, s.firstOf(to))
}

// firstOf is the number of the first child of parent p; total for the parent behind the last one.
func (s *Split) firstOf(p int64) int64 {
	if p == s.parents {
		return s.total
	}
	first, _ := s.Children(p)
	return first
}

// walk appends the first children of the parents of a node that lie in [from,to).
func (s *Split) walk(n splitNode, from, to int64, dst []int64) []int64 {
	if n.hi <= from || n.lo >= to {
		return dst
	}
	if n.units == 0 || n.hi-n.lo == 1 {
		for p := max(n.lo, from); p < min(n.hi, to); p++ {
			dst = append(dst, n.first+(p-n.lo)*s.min)
		}
		return dst
	}
	mid, units := s.left(&n)
	right := n
	right.goRight(mid, units, n.first+units+(mid-n.lo)*s.min)
	n.goLeft(mid, units)
	return s.walk(right, from, to, s.walk(n, from, to, dst))
}

// Dealt is a [Family] of given numbers of children: it keeps a number for each parent.
type Dealt struct{ firsts []int64 }

// NewDealt gives the Family in which each parent has so many children.
func NewDealt(counts []int64) *Dealt {
	d := &Dealt{firsts: make([]int64, len(counts)+1)}
	for p, n := range counts {
		d.firsts[p+1] = d.firsts[p] + n
	}
	return d
}

// Children implements [Family].
func (d *Dealt) Children(p int64) (first, count int64) {
	return d.firsts[p], d.firsts[p+1] - d.firsts[p]
}

// Parent implements [Family].
func (d *Dealt) Parent(i int64) (p, rank int64) {
	at := sort.Search(len(d.firsts)-1, func(p int) bool { return d.firsts[p+1] > i })
	if i < 0 || at == len(d.firsts)-1 {
		panic("rng: Dealt child out of range")
	}
	return int64(at), i - d.firsts[at]
}

// Bounds implements [Family].
func (d *Dealt) Bounds(dst []int64, from, to int64) []int64 {
	return append(dst, d.firsts[from:to+1]...)
}
