package run_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// watched is a sink that notes who writes when. Each commit waits until as many tables are being written as
// together asks for, or not much longer.
type watched struct {
	together int
	mu       sync.Mutex
	writing  map[string]int   // loaders within a batch, by table
	rows     map[string]int64 // that stand
	first    map[string]map[string]int64
	most     int      // tables that were written at once
	loaders  int      // opened
	broken   []string // what must not happen
}

type watchedLoader struct {
	s    *watched
	name string
	n    int64
}

func (s *watched) Loader(_ context.Context, t *sink.Target) (sink.Loader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaders++
	return &watchedLoader{s: s, name: t.Name}, nil
}
func (s *watched) Finish(context.Context, []*sink.Target) error { return nil }
func (s *watched) Close() error                                 { return nil }

func (l *watchedLoader) Write(_ context.Context, b *column.Batch) error {
	s := l.s
	s.mu.Lock()
	defer s.mu.Unlock()
	l.n += int64(b.N)
	if s.writing[l.name]++; l.name == "chain" && s.writing[l.name] > 1 {
		s.broken = append(s.broken, "two batches of chain at once")
	}
	if s.first[l.name] == nil {
		s.first[l.name] = map[string]int64{}
		for t, n := range s.rows {
			s.first[l.name][t] = n
		}
	}
	n := 0
	for _, w := range s.writing {
		if w > 0 {
			n++
		}
	}
	s.most = max(s.most, n)
	return nil
}

func (l *watchedLoader) Commit(context.Context) (int64, error) {
	s := l.s
	if l.name == "chain" {
		time.Sleep(2 * time.Millisecond) // for another one to come in between
	}
	for range 20 {
		s.mu.Lock()
		enough := s.most >= s.together
		s.mu.Unlock()
		if enough {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing[l.name]--
	s.rows[l.name] += l.n
	n := l.n
	l.n = 0
	return n, nil
}
func (l *watchedLoader) Close() error { return nil }

// spread is a sink whose tables are better loaded side by side.
type spread struct{ *watched }

func (spread) Separate() {}

// A table begins once those that it refers to are whole, whatever the number of workers; others are loaded beside
// it. Rows that refer to rows of their own table come one batch after the other.
func TestOrderOfTables(t *testing.T) {
	b := blueprintOf(t, `
  parents: {rows: 300, columns: {id: sequence}}
  others: {rows: 500, columns: {id: sequence}}
  children: {rows: 400, columns: {id: sequence, parent: {reference: {table: parents, column: id}}}}
  chain: {rows: 300, columns: {id: sequence, before: {reference: {table: chain, column: id}}, child: {reference: {table: children, column: id}}}}
`)
	p, err := plan.Build(b, nil, plan.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"parents": 300, "others": 500, "children": 400, "chain": 300}
	for _, workers := range []int{1, 2, 8} {
		for _, apart := range []bool{false, true} {
			s := &watched{writing: map[string]int{}, rows: map[string]int64{}, first: map[string]map[string]int64{}}
			var to sink.Sink = s
			if apart && workers > 1 {
				to, s.together = spread{s}, 2
			}
			report, err := run.Export(context.Background(), p, to, run.Options{Workers: workers, BatchRows: 20})
			if err != nil {
				t.Fatal(err)
			}
			for name, n := range want {
				if s.rows[name] != n {
					s.broken = append(s.broken, fmt.Sprintf("%d rows of %s, want %d", s.rows[name], name, n))
				}
			}
			for child, parent := range map[string]string{"children": "parents", "chain": "children"} {
				if n := s.first[child][parent]; n != want[parent] {
					s.broken = append(s.broken, fmt.Sprintf("%s began when %d of %d rows of %s stood", child, n, want[parent], parent))
				}
			}
			if s.most < s.together {
				s.broken = append(s.broken, fmt.Sprintf("%d tables at once, want %d", s.most, s.together))
			}
			if workers == 1 && s.loaders != len(want) {
				s.broken = append(s.broken, fmt.Sprintf("%d loaders for %d tables", s.loaders, len(want)))
			}
			if slices.ContainsFunc(report.Tables, func(r run.TableReport) bool { return r.Elapsed <= 0 }) {
				s.broken = append(s.broken, fmt.Sprintf("a table took no time: %+v", report.Tables))
			}
			for _, text := range s.broken {
				t.Errorf("%d workers, apart %v: %s", workers, apart, text)
			}
		}
	}
}
