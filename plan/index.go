package plan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"

	"github.com/sowerdata/sower/column"
)

// index finds the rows of a table by cells of theirs. It is made when it is first asked, from recomputed
// cells, and again after what changes cells once a plan is built. It is the one place where memory grows
// with rows, and only those of parents that references match: 4 bytes a row, and 16 to 32 for each
// different combination of cells.
type index struct {
	mu    sync.Mutex
	busy  bool // being made, while the plan is built: see errCircle
	state atomic.Pointer[groups]
}

// groups are the rows of a table by the hash of their cells.
type groups struct {
	revision int64
	seed     byte
	mask     uint64
	hashes   []uint64 // an open table
	group    []uint32 // number of the group, from 1; 0 where the place is free
	start    []uint32 // group g has order[start[g-1]:start[g]]
	order    []uint32 // rows, in their order within a group
}

// errCircle says that which rows match depends on itself.
var errCircle = errors.New("which rows match depends on itself")

// get gives the groups as of a revision. Until the plan is built there is one goroutine, which may come
// round to an index that it is making: agree takes such circles apart, so that none is left later.
func (x *index) get(revision int64, built bool, build func() (*groups, error)) (*groups, error) {
	if g := x.state.Load(); g != nil && g.revision == revision {
		return g, nil
	}
	if !built {
		if x.busy {
			return nil, errCircle
		}
		x.busy = true
		defer func() { x.busy = false }()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if g := x.state.Load(); g != nil && g.revision == revision {
		return g, nil
	}
	g, err := build()
	if err != nil {
		return nil, err
	}
	g.revision = revision
	x.state.Store(g)
	return g, nil
}

// number gives the group of a hash; 0 where there is none.
func (g *groups) number(hash uint64) uint32 {
	for at := hash & g.mask; g.group[at] != 0; at = (at + 1) & g.mask {
		if g.hashes[at] == hash {
			return g.group[at]
		}
	}
	return 0
}

// of gives the rows of the group of a hash; none where there is no such group.
func (g *groups) of(hash uint64) []uint32 {
	k := g.number(hash)
	if k == 0 {
		return nil
	}
	return g.order[g.start[k-1]:g.start[k]]
}

// hasher hashes combinations of cells.
type hasher struct {
	seed byte
	buf  []byte
}

// of hashes the cells at i; false where one of them is null.
func (h *hasher) of(cells []*column.Vec, i int) (hash uint64, ok bool) {
	h.buf = append(h.buf[:0], h.seed)
	for _, v := range cells {
		if v.Null(i) {
			return 0, false
		}
		switch {
		case v.Kind == column.Float:
			h.buf = binary.LittleEndian.AppendUint64(h.buf, math.Float64bits(v.Floats[i]))
		case v.Kind.Variable() || v.Kind == column.UUID:
			b := v.Bytes(i)
			h.buf = append(binary.AppendUvarint(h.buf, uint64(len(b))), b...)
		default:
			h.buf = binary.LittleEndian.AppendUint64(h.buf, uint64(v.Ints[i]))
		}
	}
	return xxhash.Sum64(h.buf), true
}

// check is another hash of the cells that were hashed last.
func (h *hasher) check() uint64 {
	h.buf = append(h.buf, 0x5c)
	return xxhash.Sum64(h.buf)
}

const mostIndexed = math.MaxUint32 // rows whose numbers an index holds

var errSameHash = errors.New("different cells have the same hash")

// group groups rows: each calls add with the cells of the next rows, and keep says which of them take part.
func groupRows(t *Table, seed byte, scan func(add func(cells []*column.Vec, keep func(i int) bool)) error) (*groups, error) {
	if t.Rows > mostIndexed {
		return nil, fmt.Errorf("%s has %d rows, and at most %d can be matched", t.Name, t.Rows, uint64(mostIndexed))
	}
	out := &groups{seed: seed}
	out.resize(64)
	var sizes []uint32
	checks := []uint64{0}
	of := make([]uint32, 0, t.Rows) // row -> its group
	h := hasher{seed: seed}
	same := false
	err := scan(func(cells []*column.Vec, keep func(int) bool) {
		for i := range cells[0].Len() {
			hash, ok := h.of(cells, i)
			if !ok || !keep(i) {
				of = append(of, 0)
				continue
			}
			k := out.place(hash, uint32(len(sizes)+1))
			if check := h.check(); int(k) > len(sizes) {
				sizes, checks = append(sizes, 0), append(checks, check)
			} else if checks[k] != check {
				same = true
			}
			sizes[k-1]++
			of = append(of, k)
			if uint64(len(sizes)) > out.mask/2 {
				out.resize(2 * (out.mask + 1))
			}
		}
	})
	switch {
	case err != nil:
		return nil, err
	case same:
		return nil, errSameHash
	}
	out.start = make([]uint32, len(sizes)+1)
	for k, n := range sizes {
		out.start[k+1] = out.start[k] + n
	}
	out.order = make([]uint32, out.start[len(sizes)])
	next := slices.Clone(out.start)
	for row, k := range of {
		if k > 0 {
			out.order[next[k-1]] = uint32(row)
			next[k-1]++
		}
	}
	return out, nil
}

// place finds the group of a hash, or gives it the number fresh.
func (g *groups) place(hash uint64, fresh uint32) uint32 {
	at := hash & g.mask
	for ; g.group[at] != 0; at = (at + 1) & g.mask {
		if g.hashes[at] == hash {
			return g.group[at]
		}
	}
	g.hashes[at], g.group[at] = hash, fresh
	return fresh
}

func (g *groups) resize(n uint64) {
	hashes, group := g.hashes, g.group
	g.mask, g.hashes, g.group = n-1, make([]uint64, n), make([]uint32, n)
	for i, k := range group {
		if k != 0 {
			g.place(hashes[i], k)
		}
	}
}
