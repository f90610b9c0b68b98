package run

import (
	"slices"
	"sync"
	"time"

	"github.com/sowerdata/sower/sink"
)

// queue gives batches of several tables to workers: of a table only once those that it refers to are whole.
type queue struct {
	jobs    []*job // in the plan's order
	batches int    // of all
	spread  bool   // workers go to different tables where they can

	workers int // that have not ended

	mu      sync.Mutex
	wake    sync.Cond
	stopped bool
}

// job is a table of a queue.
type job struct {
	work         *work
	left         []sink.Range // batches that nobody has taken
	running      int          // batches that workers have
	needs        []*job
	began, ended time.Time // of its first and its last batch
}

// newQueue readies the batches of tables that are in no circle.
func newQueue(todo []*work, o *Options, s sink.Sink) *queue {
	q := new(queue)
	q.wake.L = &q.mu
	_, q.spread = s.(sink.Separate)
	for _, w := range todo {
		j := &job{work: w, left: batches(w.ranges, o.BatchSize(w.table))}
		for _, other := range q.jobs {
			if slices.Contains(w.table.Parents, other.work.table) {
				j.needs = append(j.needs, other)
			}
		}
		q.jobs = append(q.jobs, j)
		q.batches += len(j.left)
	}
	return q
}

func (j *job) whole() bool { return len(j.left) == 0 && j.running == 0 }

// ready tells whether a worker may take a batch.
func (j *job) ready() bool {
	return len(j.left) > 0 && !(j.work.table.OneByOne() && j.running > 0) && !slices.ContainsFunc(j.needs, func(n *job) bool { return !n.whole() })
}

// next takes a worker's last batch as done, of the job last (nil before its first), and gives it another one, where
// there is any of the same table, once there is one; nil where there will be none.
func (q *queue) next(last *job) (*job, sink.Range) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if last != nil {
		last.running--
		last.ended = time.Now()
		if last.whole() {
			q.wake.Broadcast()
		}
	}
	for !q.stopped {
		j := last
		if j == nil || !j.ready() {
			j = q.choose()
		}
		if j != nil {
			at := j.left[0]
			j.left = j.left[1:]
			j.running++
			if j.began.IsZero() {
				j.began = time.Now()
			}
			return j, at
		}
		if !slices.ContainsFunc(q.jobs, func(j *job) bool { return len(j.left) > 0 }) {
			break
		}
		q.wake.Wait()
	}
	q.workers--
	return nil, sink.Range{}
}

// giveBack takes a batch back of which nothing stands. A worker that would leave ends, unless it is the last: true.
func (q *queue) giveBack(j *job, at sink.Range, leave bool) (left bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j.running--
	j.left = slices.Insert(j.left, 0, at)
	q.wake.Broadcast()
	if left = leave && q.workers > 1; left {
		q.workers--
	}
	return left
}

// choose gives the table for a worker that begins or has to leave its last one, nil where all wait: the first in the
// plan's order, or, where they are to spread, the one with the most batches for each of its workers.
func (q *queue) choose() (best *job) {
	for _, j := range q.jobs {
		switch {
		case !j.ready():
		case !q.spread:
			return j
		case best == nil || len(j.left)*(best.running+1) > len(best.left)*(j.running+1):
			best = j
		}
	}
	return best
}

// stop lets no worker take another batch.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
	q.wake.Broadcast()
}
