package run

import (
	"context"
	"maps"
	"sync"
)

// smallTable is the number of rows below which a table is not worth several connections: several such are compared at once.
const smallTable = 50_000

// inquiry is a part of a verification. It goes by the verifier that it is given.
type inquiry func(ctx context.Context, v *verifier) error

// together does several checks at once, over as many connections as there are workers. What they find is told in their
// order.
func (v *verifier) together(ctx context.Context, checks []inquiry) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	parts := make([]*verifier, len(checks))
	done := make([]chan struct{}, len(checks))
	for i := range checks {
		part := *v
		part.verdict, part.each, part.owns = new(Verdict), nil, maps.Clone(v.owns)
		parts[i], done[i] = &part, make(chan struct{})
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(v.options.workers(), len(checks)) {
		wg.Go(func() {
			for i := range next {
				if ctx.Err() == nil {
					if err := checks[i](ctx, parts[i]); err != nil {
						cancel(err)
					}
				}
				close(done[i])
			}
		})
	}
	wg.Go(func() {
		defer close(next)
		for i := range checks {
			next <- i
		}
	})
	for i, part := range parts {
		<-done[i]
		if ctx.Err() != nil {
			break
		}
		v.verdict.Cells += part.verdict.Cells
		for _, f := range part.verdict.Rules { // their texts have the prefix
			v.verdict.Rules = append(v.verdict.Rules, f)
			if v.each != nil {
				v.each(f)
			}
		}
	}
	wg.Wait()
	return context.Cause(ctx)
}
