package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/sowerdata/sower"
	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

//go:embed generators.yaml
var ownFiles embed.FS

// withPools is a folder of the embedded blueprint and of the scenario's pools.
type withPools struct{ scenario fs.FS }

func (f withPools) Open(name string) (fs.File, error) {
	if file, err := ownFiles.Open(name); err == nil && name != "." {
		return file, nil
	}
	return f.scenario.Open(name)
}

// generatorsPlan compiles generators.yaml. Its table cells has a column for every generator there is.
func generatorsPlan() (*plan.Table, error) {
	files, ok := blueprints.Open(scenarioName)
	if !ok {
		return nil, fmt.Errorf("there is no built-in scenario %s", scenarioName)
	}
	doc, err := blueprint.Open(withPools{files}, "generators.yaml")
	if err != nil {
		return nil, err
	}
	bp, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		return nil, err
	}
	p, err := sower.Plan(bp, 1)
	if err != nil {
		return nil, err
	}
	t := p.Table("cells")
	for _, name := range gen.Names() {
		if !slices.ContainsFunc(t.Out, func(c *plan.Column) bool { return c.Spec.Generator.Name == name }) {
			return nil, fmt.Errorf("generators.yaml has no column of the generator %s", name)
		}
	}
	return t, nil
}

// runGenerators measures every generator by itself: a column in batches, less the cells that it reads.
func runGenerators(ctx context.Context, b *bench, r *Result) error {
	t, err := generatorsPlan()
	if err != nil {
		return err
	}
	for _, c := range t.Out {
		if err := ctx.Err(); err != nil {
			return err
		}
		var reads []*plan.Column
		for _, in := range c.Nodes[0].Inputs {
			if len(in.Links) == 0 {
				reads = append(reads, in.Column)
			}
		}
		whole, err := b.steadily(t, append(slices.Clone(reads), c))
		if err != nil {
			return err
		}
		var input speed
		if len(reads) > 0 {
			if input, err = b.steadily(t, reads); err != nil {
				return err
			}
		}
		row := r.row(c.Name)
		ns := max(0, whole.ns-input.ns)
		row.add("ns/cell", ns)
		row.add("M cells/s", 1e3/ns)
		row.add("bytes/cell", whole.bytes-input.bytes)
		row.add("allocations/cell", max(0, whole.allocs-input.allocs))
		row.add("ns/cell of what it reads", input.ns)
	}
	r.note("one core, batches of %d; of many short runs the fastest; a reference's cost holds that of the parent's key", batchRows)
	return nil
}

// runPrompts measures the scenario's prompt column.
func runPrompts(ctx context.Context, b *bench, r *Result) error {
	s, err := atSize(times(1))
	if err != nil {
		return err
	}
	c := promptColumn(s.plan)
	if c == nil {
		return fmt.Errorf("the scenario has no column of prompts")
	}
	one, err := b.steadily(c.Table, []*plan.Column{c})
	if err != nil {
		return err
	}
	row := r.row("1 core")
	row.add("ns/prompt", one.ns).atMost(1000)
	row.add("prompts/s", 1e9/one.ns)
	row.add("bytes/prompt", one.bytes)
	row.add("MB/s", one.bytes*1e3/one.ns)
	row.add("allocations/prompt", one.allocs).atMost(0.001)
	cores := runtime.GOMAXPROCS(0)
	if cores == 1 {
		return ctx.Err()
	}
	var rates []float64
	for range b.options.runs {
		rate, err := together(cores, c)
		if err != nil {
			return err
		}
		rates = append(rates, rate)
	}
	r.row(fmt.Sprintf("%d cores", cores)).add("prompts/s", rates...)
	return ctx.Err()
}

// promptColumn finds a column of prompts that does not differ by part.
func promptColumn(p *plan.Plan) *plan.Column {
	for _, t := range p.Tables {
		for _, c := range t.Columns {
			if c.Spec != nil && c.Spec.Generator.Name == "prompt" && c.Shared() != nil {
				return c
			}
		}
	}
	return nil
}

// together makes cells on several cores for a third of a second, and gives the cells a second.
func together(cores int, c *plan.Column) (float64, error) {
	var wg sync.WaitGroup
	counts, errs := make([]int64, cores), make([]error, cores)
	began := time.Now()
	for k := range cores {
		wg.Go(func() {
			next := batches(c.Table, []*plan.Column{c})
			for time.Since(began) < time.Second/3 && errs[k] == nil {
				_, errs[k] = next()
				counts[k] += batchRows
			}
		})
	}
	wg.Wait()
	seconds := time.Since(began).Seconds()
	var sum int64
	for k := range cores {
		if errs[k] != nil {
			return 0, errs[k]
		}
		sum += counts[k]
	}
	return float64(sum) / seconds, nil
}

const batchRows = 2000

// batches gives a function that makes the next batch of some columns, from the first row again behind
// the last, and gives its bytes.
func batches(t *plan.Table, cols []*plan.Column) func() (int64, error) {
	m := new(rows.Maker)
	first := int64(0)
	return func() (int64, error) {
		if first+batchRows > t.Rows {
			first = 0
		}
		batch, err := m.Batch(t, cols, first, batchRows)
		if err != nil {
			return 0, err
		}
		first += batchRows
		return batch.Bytes(), nil
	}
}

// speed is what one row of some columns costs.
type speed struct {
	ns, bytes, allocs float64
}

// steadily makes batches on one core until their cost is known: the fastest of many short runs, so that
// other programs on the machine do not count. Allocations are counted over all of them, without the first.
func (b *bench) steadily(t *plan.Table, cols []*plan.Column) (speed, error) {
	const short = 10 * time.Millisecond
	rounds := 30
	if b.options.quick {
		rounds = 3
	}
	next := batches(t, cols)
	for began := time.Now(); time.Since(began) < 2*short; {
		if _, err := next(); err != nil {
			return speed{}, err
		}
	}
	out := speed{ns: math.Inf(1)}
	var made, bytes int64
	before := mallocs()
	for range rounds {
		began, n := time.Now(), int64(0)
		for n == 0 || time.Since(began) < short {
			k, err := next()
			if err != nil {
				return speed{}, err
			}
			bytes += k
			n += batchRows
		}
		out.ns = min(out.ns, float64(time.Since(began).Nanoseconds())/float64(n))
		made += n
	}
	out.allocs = float64(mallocs()-before) / float64(made)
	out.bytes = float64(bytes) / float64(made)
	return out, nil
}
