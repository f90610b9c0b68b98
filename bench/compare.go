package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
)

// disturbance is the share of the machine's CPU that other programs may take beside a pair of runs.
const disturbance = 0.10

// peakMB is the goal for the program's memory, with two workers.
const peakMB = 150

// pair is a run of sower and a run of another program, one right after the other.
type pair struct {
	ours, theirs usage
}

func (p *pair) others() float64 { return max(p.ours.others, p.theirs.others) }

// pairs runs two things in turn, the other one first every time, until n pairs were undisturbed; at most
// 2n times, or n times with -quick. It gives the n pairs that were disturbed least, whatever they took, and
// how many there were.
func (b *bench) pairs(ours, theirs func() (usage, error)) (kept []*pair, all int, err error) {
	n, most := b.options.runs, 2*b.options.runs
	if b.options.quick {
		most = n
	}
	calm := 0
	for ; calm < n && all < most; all++ {
		p := new(pair)
		steps := []func() error{
			func() (err error) { p.ours, err = ours(); return err },
			func() (err error) { p.theirs, err = theirs(); return err },
		}
		if all%2 == 1 {
			slices.Reverse(steps)
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return nil, all, err
			}
		}
		if p.others() <= disturbance {
			calm++
		}
		kept = append(kept, p)
		us, them := p.ours.wall.Seconds(), p.theirs.wall.Seconds()
		fmt.Fprintf(os.Stderr, "  pair %d: %.2f s beside %.2f s, %.3f; other programs took %.1f %% of the CPU\n", all+1, us, them, us/them, 100*p.others())
	}
	slices.SortStableFunc(kept, func(p, q *pair) int { return cmp.Compare(p.others(), q.others()) })
	return kept[:n], all, nil
}

// compare runs sower and another program that loads the same rows, and adds the figures.
func (b *bench) compare(r *Result, other string, rows int64, ours, theirs func() (usage, error)) (ratio *Figure, err error) {
	kept, all, err := b.pairs(ours, theirs)
	if err != nil {
		return nil, err
	}
	if n := len(kept); all > n {
		r.note("%d pairs were run; these are the %d beside which other programs took the least CPU", all, n)
	}
	return r.row(r.Case).compared(kept, other, rows), nil
}

// compared adds the figures of pairs of runs of sower and of another program that loads the same rows.
func (r *Row) compared(pairs []*pair, other string, rows int64) (ratio *Figure) {
	each := func(f func(p *pair) float64) []float64 {
		out := make([]float64, len(pairs))
		for i, p := range pairs {
			out[i] = f(p)
		}
		return out
	}
	us := each(func(p *pair) float64 { return p.ours.wall.Seconds() })
	user := each(func(p *pair) float64 { return p.ours.user.Seconds() })
	ratio = r.add("sower / "+other, each(func(p *pair) float64 { return p.ours.wall.Seconds() / p.theirs.wall.Seconds() })...)
	r.add("sower s", us...)
	r.add(other+" s", each(func(p *pair) float64 { return p.theirs.wall.Seconds() })...)
	for i, ph := range pairs[0].ours.phases {
		took := each(func(p *pair) float64 {
			if i < len(p.ours.phases) && p.ours.phases[i].Name == ph.Name {
				return p.ours.phases[i].Seconds
			}
			return 0
		})
		if median(took) >= 0.001 {
			r.add("sower s: "+ph.Name, took...)
		}
	}
	r.add("rows", float64(rows))
	r.add("rows/s", each(func(p *pair) float64 { return float64(rows) / p.ours.wall.Seconds() })...)
	r.add("sower user CPU s", user...)
	r.add("sower system CPU s", each(func(p *pair) float64 { return p.ours.system.Seconds() })...)
	r.add("sower user CPU, % of its time", 100*median(user)/median(us))
	r.add(other+" CPU s", each(func(p *pair) float64 { return (p.theirs.user + p.theirs.system).Seconds() })...)
	if server := each(func(p *pair) float64 { return p.ours.server.Seconds() }); median(server) > 0.1 {
		r.add("server CPU s, for sower", server...)
		r.add("server CPU s, for "+other, each(func(p *pair) float64 { return p.theirs.server.Seconds() })...)
	}
	r.add("other programs, % of all CPU", each(func(p *pair) float64 { return 100 * p.others() })...)
	r.add("sower peak MB", each(func(p *pair) float64 { return float64(p.ours.peak) / 1e6 })...).atMost(peakMB)
	return ratio
}
