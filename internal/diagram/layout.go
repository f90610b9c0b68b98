package diagram

import (
	"cmp"
	"slices"
)

// node is a box that is placed.
type node struct {
	w, h float64 // its size; set by the caller
	x, y float64 // its upper left corner; set by layout

	column int
	bend   bool // no box: where a longer edge goes through a column
	ins    []int
	outs   []int
}

// edge leads from a child to its parent. Parents stand left of their children, but where tables refer to one
// another in a circle: there some edges lead back.
type edge struct {
	child, parent int
	weak          bool // may be null: led back rather than others

	back  bool
	bends []int // nodes that it goes through, from left to right
}

const (
	gapX     = 84.0
	gapY     = 18.0
	bendY    = 9.0 // height that an edge takes in a column that it passes
	tallest  = 22  // boxes in a column
	sweeps   = 12
	settling = 8
)

// layout places nodes in columns so that few edges cross. It is the method of Kozo Sugiyama, Shojiro Tagawa and
// Mitsuhiko Toda, "Methods for Visual Understanding of Hierarchical System Structures", 1981: circles are
// broken, nodes get columns by the longest way to a node without parents, edges over several columns get
// bends in each, each column is sorted by the means of its neighbours, and heights follow.
func layout(nodes []node, edges []edge) ([]node, []edge, float64, float64) {
	breakCircles(nodes, edges)
	columns := assignColumns(nodes, edges)
	nodes, columns = addBends(nodes, edges, columns)
	for s := range sweeps {
		sortColumns(nodes, columns, s%2 == 0)
	}
	width, height := place(nodes, columns)
	return nodes, edges, width, height
}

// left and right are the ends of an edge as it is drawn.
func (e *edge) left() int {
	if e.back {
		return e.child
	}
	return e.parent
}

func (e *edge) right() int {
	if e.back {
		return e.parent
	}
	return e.child
}

// breakCircles leads edges back until nothing is in a circle: weak ones rather than others.
func breakCircles(nodes []node, edges []edge) {
	rightward := make([][]int, len(nodes)) // by node, those that must stand right of it
	byChild := make([][]int, len(nodes))
	for i, e := range edges {
		if !e.weak {
			byChild[e.child] = append(byChild[e.child], i)
		}
	}
	state := make([]int, len(nodes)) // 1: under way, 2: done
	var visit func(n int)
	visit = func(n int) {
		state[n] = 1
		for _, i := range byChild[n] {
			switch p := edges[i].parent; state[p] {
			case 0:
				visit(p)
			case 1:
				edges[i].back = true
			}
			rightward[edges[i].left()] = append(rightward[edges[i].left()], edges[i].right())
		}
		state[n] = 2
	}
	for n := range nodes {
		if state[n] == 0 {
			visit(n)
		}
	}
	// An edge that would close a circle does not when it is led back, or there would have been one.
	seen := make([]int, len(nodes))
	var leads func(from, to, round int) bool
	leads = func(from, to, round int) bool {
		if from == to {
			return true
		}
		seen[from] = round
		for _, n := range rightward[from] {
			if seen[n] != round && leads(n, to, round) {
				return true
			}
		}
		return false
	}
	for i := range edges {
		e := &edges[i]
		if e.weak {
			e.back = leads(e.child, e.parent, i+1)
			rightward[e.left()] = append(rightward[e.left()], e.right())
		}
	}
}

// assignColumns gives every node a column right of all that it stands right of, and parts columns that
// would be too tall.
func assignColumns(nodes []node, edges []edge) [][]int {
	lefts := make([][]int, len(nodes))
	for i := range edges {
		lefts[edges[i].right()] = append(lefts[edges[i].right()], edges[i].left())
	}
	level := make([]int, len(nodes))
	var of func(n int) int
	of = func(n int) int {
		if level[n] == 0 {
			l := 1
			for _, p := range lefts[n] {
				l = max(l, of(p)+1)
			}
			level[n] = l
		}
		return level[n]
	}
	var levels [][]int
	for n := range nodes {
		for len(levels) < of(n) {
			levels = append(levels, nil)
		}
		levels[of(n)-1] = append(levels[of(n)-1], n)
	}
	var columns [][]int
	for _, l := range levels {
		parts := (len(l) + tallest - 1) / tallest
		for part := range slices.Chunk(l, max(1, (len(l)+max(parts, 1)-1)/max(parts, 1))) {
			for _, n := range part {
				nodes[n].column = len(columns)
			}
			columns = append(columns, slices.Clone(part))
		}
	}
	return columns
}

func addBends(nodes []node, edges []edge, columns [][]int) ([]node, [][]int) {
	for i := range edges {
		e := &edges[i]
		at := e.left()
		for c := nodes[at].column + 1; c < nodes[e.right()].column; c++ {
			bend := len(nodes)
			nodes = append(nodes, node{h: bendY, column: c, bend: true})
			columns[c] = append(columns[c], bend)
			e.bends = append(e.bends, bend)
			nodes[at].outs, nodes[bend].ins = append(nodes[at].outs, bend), append(nodes[bend].ins, at)
			at = bend
		}
		nodes[at].outs, nodes[e.right()].ins = append(nodes[at].outs, e.right()), append(nodes[e.right()].ins, at)
	}
	return nodes, columns
}

// sortColumns goes over the columns in one direction and sorts each by the mean place of its neighbours in the
// columns behind.
func sortColumns(nodes []node, columns [][]int, rightward bool) {
	place := make([]float64, len(nodes))
	note := func(column []int) {
		for i, n := range column {
			place[n] = (float64(i) + 0.5) / float64(len(column))
		}
	}
	for _, c := range columns {
		note(c)
	}
	for k := range columns {
		c := columns[k]
		if !rightward {
			c = columns[len(columns)-1-k]
		}
		mean := map[int]float64{}
		for _, n := range c {
			near := nodes[n].ins
			if !rightward {
				near = nodes[n].outs
			}
			mean[n] = place[n]
			if len(near) > 0 {
				sum := 0.0
				for _, m := range near {
					sum += place[m]
				}
				mean[n] = sum / float64(len(near))
			}
		}
		slices.SortStableFunc(c, func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
		note(c)
	}
}

// place gives the nodes their corners: near the middle of their neighbours, in their order, apart.
func place(nodes []node, columns [][]int) (width, height float64) {
	x := 0.0
	for _, c := range columns {
		w := 0.0
		for _, n := range c {
			w = max(w, nodes[n].w)
		}
		for _, n := range c {
			nodes[n].x = x
			if nodes[n].bend {
				nodes[n].w = w
			}
		}
		x += w + gapX
	}
	for _, c := range columns {
		y := 0.0
		for _, n := range c {
			nodes[n].y = y
			y += nodes[n].h + gapY
		}
	}
	middle := func(n int) float64 { return nodes[n].y + nodes[n].h/2 }
	for s := range settling {
		for k := range columns {
			c := columns[k]
			if s%2 == 1 {
				c = columns[len(columns)-1-k]
			}
			want := make([]float64, len(c))
			for i, n := range c {
				near := nodes[n].ins
				if s%2 == 1 || len(near) == 0 {
					near = nodes[n].outs
				}
				want[i] = nodes[n].y
				if len(near) > 0 {
					sum := 0.0
					for _, m := range near {
						sum += middle(m)
					}
					want[i] = sum/float64(len(near)) - nodes[n].h/2
				}
			}
			settle(nodes, c, want)
		}
	}
	top := 0.0
	for i := range nodes {
		top = min(top, nodes[i].y)
	}
	for i := range nodes {
		nodes[i].y -= top
		height = max(height, nodes[i].y+nodes[i].h)
	}
	return max(x-gapX, 0), height
}

// settle moves the nodes of a column as near to where they want to be as their order and gaps allow: least
// squares, by pooling adjacent violators.
func settle(nodes []node, column []int, want []float64) {
	type pool struct {
		sum   float64
		count int
	}
	offsets := make([]float64, len(column))
	var pools []pool
	for i := range column {
		if i > 0 {
			gap := gapY
			if nodes[column[i]].bend || nodes[column[i-1]].bend {
				gap = gapY / 2
			}
			offsets[i] = offsets[i-1] + nodes[column[i-1]].h + gap
		}
		pools = append(pools, pool{want[i] - offsets[i], 1})
		for len(pools) > 1 {
			a, b := pools[len(pools)-2], pools[len(pools)-1]
			if a.sum/float64(a.count) <= b.sum/float64(b.count) {
				break
			}
			pools = append(pools[:len(pools)-2], pool{a.sum + b.sum, a.count + b.count})
		}
	}
	i := 0
	for _, p := range pools {
		for range p.count {
			nodes[column[i]].y = p.sum/float64(p.count) + offsets[i]
			i++
		}
	}
}
