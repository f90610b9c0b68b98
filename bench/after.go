package main

import "context"

// runVerify measures sower verify beside sower generate of the same rows.
func runVerify(ctx context.Context, b *bench, r *Result) error {
	return b.afterLoad(ctx, r, 0.4, func(d *database) (usage, error) {
		return b.timedSower(ctx, d.scenario.command("verify", "--database-url", d.url)...)
	})
}

// runClean measures sower clean likewise.
func runClean(ctx context.Context, b *bench, r *Result) error {
	return b.afterLoad(ctx, r, 0.5, func(d *database) (usage, error) {
		return b.timedSower(ctx, d.scenario.command("clean", "--database-url", d.url, "--yes")...)
	})
}

// afterLoad measures what is done to loaded rows, beside the load.
func (b *bench) afterLoad(ctx context.Context, r *Result, goal float64, do func(d *database) (usage, error)) error {
	s, err := b.builtIn()
	if err != nil {
		return err
	}
	d, err := b.newDatabase(ctx, r.Case, s)
	if err != nil {
		return err
	}
	loaded := false
	load := func() (usage, error) {
		loaded = true
		return d.generate(ctx)
	}
	ratio, err := b.compare(r, "sower generate", s.rows, func() (usage, error) {
		if !loaded {
			if _, err := load(); err != nil {
				return usage{}, err
			}
		}
		loaded = r.Case == "verify"
		return do(d)
	}, load)
	if err != nil {
		return err
	}
	ratio.atMost(goal)
	return d.drop(ctx)
}
